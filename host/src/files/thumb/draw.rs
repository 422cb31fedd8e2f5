//! Pictures made smaller: pure, within limits of memory.

use image::codecs::avif::AvifEncoder;
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Longest side of a picture that is read.
const SIDE_MAX: u32 = 16_384;
/// Memory that a decoder may take.
const DECODE_BYTES: u64 = 256 << 20;
/// Pixels of a thumb.
const PIXELS_MAX: u64 = 4 << 20;
/// Of 100.
const JPEG_QUALITY: u8 = 85;
/// Of 100; looks about like the JPEG.
const AVIF_QUALITY: u8 = 70;
/// Of 10: the fastest.
const AVIF_SPEED: u8 = 10;
/// Pixels of a thumb that is made as AVIF: about half a second of a core.
const AVIF_PIXELS_MAX: u64 = 512 * 512;

/// What a thumb is to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::files) struct Size {
    width: u32,
    height: u32,
    fit: Fit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Filled, and the rest cut off: from both ends, or from the bottom, or from the top.
    Center,
    Top,
    Bottom,
    /// All of it, within the box; never larger than it was.
    Inside,
}

impl Size {
    /// `WxH`, `WxHt`, `WxHb`, `WxHf`, `0xH` or `Wx0`.
    pub(in crate::files) fn parse(text: &str) -> Option<Self> {
        let (sides, fit) = match text.as_bytes().last()? {
            b't' => (&text[..text.len() - 1], Fit::Top),
            b'b' => (&text[..text.len() - 1], Fit::Bottom),
            b'f' => (&text[..text.len() - 1], Fit::Inside),
            _ => (text, Fit::Center),
        };
        let (width, height) = sides.split_once('x')?;
        let side = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok())?;
        let (width, height) = (side(width)?, side(height)?);
        (width > 0 || height > 0).then_some(Self { width, height, fit })
    }

    /// Whether a thumb is so small whatever the picture is like that it can be made as AVIF.
    fn may_be_avif(self) -> bool {
        (1..=AVIF_PIXELS_MAX).contains(&(u64::from(self.width) * u64::from(self.height)))
    }
}

/// A kind of picture that can be made smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
    Gif,
    Webp,
}

impl Format {
    pub(super) fn of(mime: &str) -> Option<Self> {
        match mime {
            "image/jpeg" | "image/jpg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "image/gif" => Some(Self::Gif),
            "image/webp" => Some(Self::Webp),
            _ => None,
        }
    }

    /// What its thumbs are.
    pub(super) fn thumb_mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png | Self::Webp => "image/png",
            Self::Gif => "image/gif",
        }
    }

    /// What a client that can show it gets. The encoder of WebP loses nothing, and so cannot make a photograph smaller
    /// than JPEG does; the one of AVIF can, but takes fifty times as long.
    pub(super) fn better(self, size: Size, accepts: Accepts) -> Option<Better> {
        match self {
            Self::Jpeg => (accepts.avif && size.may_be_avif()).then_some(Better::Avif),
            Self::Png | Self::Gif | Self::Webp => accepts.webp.then_some(Better::Webp),
        }
    }

    fn decoder(self) -> ImageFormat {
        match self {
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Png => ImageFormat::Png,
            Self::Gif => ImageFormat::Gif,
            Self::Webp => ImageFormat::WebP,
        }
    }
}

/// Formats that a client can show besides those that all can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accepts {
    pub webp: bool,
    pub avif: bool,
}

/// A format that is smaller, and not for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    Webp,
    Avif,
}

impl Better {
    /// Of the name under which it is kept.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Webp => ".webp",
            Self::Avif => ".avif",
        }
    }

    pub(super) fn mime(self) -> &'static str {
        match self {
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
        }
    }
}

/// A finished thumb.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) plain: Vec<u8>,
    /// The same as AVIF, if that is wanted, or as WebP, where that is smaller.
    pub(super) better: Option<(Better, Vec<u8>)>,
}

pub(super) fn draw(bytes: &[u8], size: Size, format: Format, avif: bool) -> Result<Drawn, ImageError> {
    let picture = shape(&decode(bytes, format)?, size)?;
    let mut plain = Vec::new();
    match format {
        Format::Jpeg => {
            picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut plain, JPEG_QUALITY))?;
        }
        Format::Gif => GifEncoder::new(&mut plain).encode_frame(image::Frame::new(picture.to_rgba8()))?,
        Format::Png | Format::Webp => picture.write_to(&mut Cursor::new(&mut plain), ImageFormat::Png)?,
    }
    let mut other = Vec::new();
    let better = if format != Format::Jpeg {
        picture.to_rgba8().write_with_encoder(WebPEncoder::new_lossless(&mut other))?;
        (other.len() < plain.len()).then_some((Better::Webp, other))
    } else if avif {
        let encoder = AvifEncoder::new_with_speed_quality(&mut other, AVIF_SPEED, AVIF_QUALITY);
        picture.to_rgb8().write_with_encoder(encoder.with_num_threads(Some(1)))?;
        Some((Better::Avif, other))
    } else {
        None
    };
    Ok(Drawn { plain, better })
}

/// The first picture in the file, the right way up.
fn decode(bytes: &[u8], format: Format) -> Result<DynamicImage, ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format.decoder());
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODE_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    // The limit on memory is each decoder's own to keep; this is the one that holds for all.
    if decoder.total_bytes() > DECODE_BYTES {
        return Err(too_large());
    }
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn too_large() -> ImageError {
    ImageError::Limits(image::error::LimitError::from_kind(image::error::LimitErrorKind::InsufficientMemory))
}

fn shape(picture: &DynamicImage, size: Size) -> Result<DynamicImage, ImageError> {
    let from = (u64::from(picture.width().max(1)), u64::from(picture.height().max(1)));
    let wanted = (u64::from(size.width), u64::from(size.height));
    let other = |side: u64, of: u64, to: u64| (side * to / of).max(1);
    let to = match (wanted, size.fit) {
        ((0, height), _) => (other(height, from.1, from.0), height),
        ((width, 0), _) => (width, other(width, from.0, from.1)),
        ((width, height), Fit::Inside) if from.0 <= width && from.1 <= height => from,
        ((width, height), fit) => {
            // Which side decides: inside a box the narrower one, to fill it the wider one.
            let (inside, wide) = (fit == Fit::Inside, width * from.1 > height * from.0);
            let (by_width, by_height) =
                ((width, other(width, from.0, from.1)), (other(height, from.1, from.0), height));
            let scaled = if wide == inside { by_height } else { by_width };
            // Rounding must not leave a gap.
            if inside { scaled } else { (scaled.0.max(width), scaled.1.max(height)) }
        }
    };
    if to.0.saturating_mul(to.1) > PIXELS_MAX {
        return Err(too_large());
    }
    let pixels = |length: u64| u32::try_from(length).unwrap_or(u32::MAX);
    let (width, height) = (pixels(to.0), pixels(to.1));
    let resized = picture.resize_exact(width, height, FilterType::CatmullRom);
    if size.fit == Fit::Inside || size.width == 0 || size.height == 0 {
        return Ok(resized);
    }
    let (left, below) = ((width - size.width) / 2, height - size.height);
    let top = match size.fit {
        Fit::Top => 0,
        Fit::Bottom => below,
        Fit::Center | Fit::Inside => below / 2,
    };
    Ok(resized.crop_imm(left, top, size.width, size.height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, Rgb};

    /// Red above, blue below.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let picture =
            ImageBuffer::from_fn(
                width,
                height,
                |_, y| {
                    if y < height / 2 { Rgb([255_u8, 0, 0]) } else { Rgb([0, 0, 255]) }
                },
            );
        let mut bytes = Vec::new();
        DynamicImage::from(picture).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    fn drawn(bytes: &[u8], size: &str) -> DynamicImage {
        let plain = draw(bytes, Size::parse(size).unwrap(), Format::Png, false).unwrap().plain;
        image::load_from_memory(&plain).unwrap()
    }

    #[test]
    fn every_size_has_its_shape() {
        for (size, width, height) in [
            ("50x20", 50, 20),
            ("50x20t", 50, 20),
            ("20x50b", 20, 50),
            ("40x40f", 40, 20),
            ("400x400f", 200, 100),
            ("0x30", 60, 30),
            ("30x0", 30, 15),
            ("300x300", 300, 300),
            ("1x99", 1, 99),
        ] {
            let picture = drawn(&png(200, 100), size);
            assert_eq!((picture.width(), picture.height()), (width, height), "{size}");
        }
    }

    #[test]
    fn top_and_bottom_are_cut_from_their_ends() {
        let tall = png(100, 200);
        let corner = |size: &str| drawn(&tall, size).to_rgb8().get_pixel(5, 5).0;
        assert_eq!((corner("20x10t"), corner("20x10b")), ([255, 0, 0], [0, 0, 255]));
    }

    #[test]
    fn sizes_that_are_none() {
        for text in ["", "x", "0x0", "0x0f", "10", "10x", "x10", "-1x1", "10x10q", "99999999999x1", "1x1x1", "+1x1"] {
            assert_eq!(Size::parse(text), None, "{text}");
        }
    }

    #[test]
    fn pictures_that_are_none_or_grow_too_large_are_refused() {
        assert!(draw(b"not a picture", Size::parse("10x10").unwrap(), Format::Png, true).is_err());
        assert!(draw(&png(1, 4000), Size::parse("1000x0").unwrap(), Format::Png, false).is_err());
        let half = png(50, 50);
        assert!(draw(&half[..half.len() / 2], Size::parse("10x10").unwrap(), Format::Png, false).is_err());
    }

    #[test]
    fn each_format_comes_out_as_promised() {
        let picture = DynamicImage::from(ImageBuffer::from_pixel(64, 64, Rgb([9_u8, 8, 7])));
        for (format, decoder) in
            [(Format::Jpeg, ImageFormat::Jpeg), (Format::Gif, ImageFormat::Gif), (Format::Webp, ImageFormat::WebP)]
        {
            let mut bytes = Vec::new();
            picture.write_to(&mut Cursor::new(&mut bytes), decoder).unwrap();
            let drawn = draw(&bytes, Size::parse("10x10").unwrap(), format, true).unwrap();
            let guessed = image::guess_format(&drawn.plain).unwrap();
            assert_eq!(guessed.to_mime_type(), format.thumb_mime());
            let better = drawn.better.map(|(better, bytes)| {
                assert_eq!(image::guess_format(&bytes).unwrap().to_mime_type(), better.mime());
                (better, bytes.len() < drawn.plain.len())
            });
            match format {
                Format::Jpeg => assert!(matches!(better, Some((Better::Avif, _))), "{better:?}"),
                _ => assert!(better.is_none_or(|better| better == (Better::Webp, true)), "{format:?}"),
            }
        }
    }

    #[test]
    fn who_can_show_it_gets_avif_of_small_photographs_and_webp_of_the_rest() {
        let all = Accepts { webp: true, avif: true };
        for (format, size, accepts, better) in [
            (Format::Jpeg, "512x512f", all, Some(Better::Avif)),
            (Format::Jpeg, "513x512", all, None),
            (Format::Jpeg, "100x0", all, None),
            (Format::Jpeg, "100x100", Accepts { avif: false, ..all }, None),
            (Format::Png, "1000x1000", all, Some(Better::Webp)),
            (Format::Png, "10x10", Accepts { webp: false, ..all }, None),
        ] {
            assert_eq!(format.better(Size::parse(size).unwrap(), accepts), better, "{format:?} {size}");
        }
    }
}
