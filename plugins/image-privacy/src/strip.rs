//! Pictures without what they tell besides: JPEG, PNG and WebP, cut at the seams of their containers.

/// The picture with nothing but what a viewer needs; `None` for what is none of the three, or is damaged before its pixels.
pub fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.starts_with(b"\xff\xd8\xff") {
        jpeg(bytes)
    } else if bytes.starts_with(PNG) {
        png(bytes)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        webp(bytes)
    } else {
        None
    }
}

fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(&bytes[..2]);
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            // A byte that fills.
            0xff => at += 1,
            // What lies behind the end is dropped: other pictures, films.
            0xd9 => {
                out.extend_from_slice(b"\xff\xd9");
                return Some(out);
            }
            0x01 | 0xd0..=0xd7 => {
                out.extend_from_slice(&bytes[at..at + 2]);
                at += 2;
            }
            _ => {
                let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
                let segment = bytes.get(at..at + 2 + length)?;
                add_segment(&mut out, marker, segment, segment.get(4..)?);
                at += 2 + length;
                if marker == 0xda {
                    let end = at + pixels(&bytes[at..]);
                    out.extend_from_slice(&bytes[at..end]);
                    if end == bytes.len() {
                        return Some(out);
                    }
                    at = end;
                }
            }
        }
    }
}

/// Keeps a segment, a part of it, or nothing.
fn add_segment(out: &mut Vec<u8>, marker: u8, segment: &[u8], payload: &[u8]) {
    match marker {
        // Without the small picture that may follow.
        0xe0 if payload.starts_with(b"JFIF\0") && payload.len() >= 14 => {
            out.extend_from_slice(b"\xff\xe0\x00\x10");
            out.extend_from_slice(&payload[..12]);
            out.extend_from_slice(&[0, 0]);
        }
        0xe1 => {
            if let Some(turn) = payload.strip_prefix(b"Exif\0\0").and_then(turn) {
                out.extend_from_slice(b"\xff\xe1\x00\x22Exif\0\0");
                out.extend_from_slice(&turned(turn));
            }
        }
        0xe2 if payload.starts_with(b"ICC_PROFILE\0") => out.extend_from_slice(segment),
        0xee if payload.starts_with(b"Adobe") => out.extend_from_slice(segment),
        // Other applications' segments, and comments.
        0xe0..=0xef | 0xfe => {}
        _ => out.extend_from_slice(segment),
    }
}

/// How many bytes there are before the next marker that is not one within the pixels.
fn pixels(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(place) = bytes[at..].iter().position(|byte| *byte == 0xff) {
        match bytes.get(at + place + 1) {
            Some(0x00 | 0xd0..=0xd7) => at += place + 2,
            Some(0xff) => at += place + 1,
            Some(_) => return at + place,
            None => break,
        }
    }
    bytes.len()
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Chunks that are not critical and still matter for how it looks.
const LOOKS: [&[u8; 4]; 15] = [
    b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"hIST", b"sPLT", b"cICP", b"acTL",
    b"fcTL", b"fdAT", b"mDCV",
];

fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = PNG.to_vec();
    let (mut at, mut drawn) = (PNG.len(), false);
    loop {
        let Some(chunk) = png_chunk(&bytes[at..]) else {
            // Broken off. What there is of the pixels is kept; what else begins here is not.
            if matches!(bytes.get(at + 4..at + 8), Some(b"IDAT" | b"fdAT")) {
                out.extend_from_slice(&bytes[at..]);
                drawn = true;
            }
            return drawn.then_some(out);
        };
        let (kind, data) = (&chunk[4..8], &chunk[8..chunk.len() - 4]);
        drawn |= kind == b"IDAT";
        if kind == b"eXIf" {
            if let Some(turn) = turn(data) {
                let named = [b"eXIf".as_slice(), &turned(turn)].concat();
                out.extend_from_slice(&26_u32.to_be_bytes());
                out.extend_from_slice(&named);
                out.extend_from_slice(&crc(&named).to_be_bytes());
            }
        } else if kind[0].is_ascii_uppercase() || LOOKS.iter().any(|known| *known == kind) {
            out.extend_from_slice(chunk);
        }
        if kind == b"IEND" {
            return Some(out);
        }
        at += chunk.len();
    }
}

/// The chunk that the bytes begin with, from its length to its checksum, if all of it is there.
fn png_chunk(bytes: &[u8]) -> Option<&[u8]> {
    let length = usize::try_from(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?)).ok()?;
    bytes.get(..length.checked_add(12)?)
}

/// The checksum of a PNG's chunk.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    const EXIF: u8 = 0x08;
    const XMP: u8 = 0x04;
    let mut out = bytes[..12].to_vec();
    let (mut at, mut exif, mut drawn) = (12, Vec::new(), false);
    let told = usize::try_from(u32::from_le_bytes(bytes[4..8].try_into().ok()?)).ok()?;
    let bytes = &bytes[..bytes.len().min(told.saturating_add(8))];
    while at < bytes.len() {
        let Some((chunk, length)) = webp_chunk(&bytes[at..]) else {
            // Broken off: behind the pixels that is no loss.
            if drawn {
                break;
            }
            return None;
        };
        drawn |= matches!(&chunk[..4], b"VP8 " | b"VP8L" | b"ANMF");
        match &chunk[..4] {
            b"VP8 " | b"VP8L" | b"VP8X" | b"ALPH" | b"ANIM" | b"ANMF" | b"ICCP" => out.extend_from_slice(chunk),
            b"EXIF" => {
                let data = &chunk[8..8 + length];
                if let Some(turn) = turn(data.strip_prefix(b"Exif\0\0").unwrap_or(data)) {
                    exif = [b"EXIF\x1a\0\0\0".as_slice(), &turned(turn)].concat();
                }
            }
            _ => {}
        }
        at += chunk.len();
    }
    if out.get(12..16) == Some(b"VP8X") {
        let flags = out.get_mut(20)?;
        *flags &= !(XMP | EXIF);
        *flags |= if exif.is_empty() { 0 } else { EXIF };
        // Where the last chunk came without its padding, the next one needs it.
        if !exif.is_empty() && out.len() % 2 == 1 {
            out.push(0);
        }
        out.extend_from_slice(&exif);
    }
    let size = u32::try_from(out.len() - 8).ok()?;
    out[4..8].copy_from_slice(&size.to_le_bytes());
    Some(out)
}

/// The chunk that the bytes begin with, and how many bytes of data are in it. The last one may lack its padding.
fn webp_chunk(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let length = usize::try_from(u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?)).ok()?;
    let end = length.checked_add(8)?;
    let padded = end.checked_add(length % 2)?;
    let chunk = bytes.get(..padded).or_else(|| bytes.get(..end))?;
    Some((chunk, length))
}

/// Which way up, where Exif data say so and it is not the usual one.
fn turn(exif: &[u8]) -> Option<u8> {
    const ORIENTATION: usize = 0x0112;
    let little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let number = |at: usize, width: usize| {
        let bytes = exif.get(at..at.checked_add(width)?)?;
        let add = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
        Some(if little { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) })
    };
    let first = number(4, 4)?;
    let mut entries = (0..number(first, 2)?).map(|index| first + 2 + 12 * index);
    let entry = entries.find(|entry| number(*entry, 2) == Some(ORIENTATION))?;
    u8::try_from(number(entry + 8, 2)?).ok().filter(|turn| (2..=8).contains(turn))
}

/// Exif data that say nothing but which way up.
fn turned(turn: u8) -> [u8; 26] {
    let mut exif = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0\0";
    exif[18] = turn;
    exif
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    /// Exif data in the order of bytes that cameras use, with a place and a way up.
    fn exif(turn: u8) -> Vec<u8> {
        let mut exif = b"MM\0*\0\0\0\x08\0\x02\x01\x0f\0\x02\0\0\0\x04GPS!\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend_from_slice(&[turn, 0, 0, 0, 0, 0, 0]);
        exif
    }

    fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
        [&[0xff, marker][..], &(payload.len() as u16 + 2).to_be_bytes(), payload].concat()
    }

    /// A JPEG with these segments before its two scans, and something behind its end.
    fn picture(segments: &[Vec<u8>]) -> Vec<u8> {
        let scan = [segment(0xda, b"\x01\x02"), b"pix\xff\x00els\xff\xd0more\xff\xff".to_vec()].concat();
        let tables = segment(0xc4, b"t\xff\xd9able");
        [
            b"\xff\xd8".to_vec(),
            segments.concat(),
            tables.clone(),
            scan.clone(),
            tables,
            scan,
            b"\xff\xd9hidden".to_vec(),
        ]
        .concat()
    }

    #[test]
    fn a_jpeg_keeps_its_pixels_its_colours_and_which_way_up() {
        let app1 = [b"Exif\0\0".to_vec(), exif(6)].concat();
        let telling = [
            segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01rgb"),
            segment(0xe1, &app1),
            segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x>secret</x>"),
            segment(0xe2, b"ICC_PROFILE\0colours"),
            segment(0xe2, b"MPF\0secret"),
            segment(0xed, b"Photoshop 3.0\0secret"),
            segment(0xee, b"Adobe\0d"),
            segment(0xfe, b"secret"),
        ];
        let stripped = strip(&picture(&telling)).unwrap();
        let kept = [
            segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"),
            segment(0xe1, &[b"Exif\0\0".as_slice(), &turned(6)].concat()),
            segment(0xe2, b"ICC_PROFILE\0colours"),
            segment(0xee, b"Adobe\0d"),
        ];
        let expected = picture(&kept);
        assert_eq!(stripped, expected.strip_suffix(b"hidden").unwrap());
        assert!(!has(&stripped, b"secret") && !has(&stripped, b"GPS") && !has(&stripped, b"hidden"));
        assert_eq!(strip(&stripped), Some(stripped.clone()), "a second time changes nothing");
    }

    fn in_png(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let named = [kind.as_slice(), data].concat();
        [&(data.len() as u32).to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat()
    }

    fn in_webp(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let padding = &[0][..data.len() % 2];
        [kind.as_slice(), &(data.len() as u32).to_le_bytes(), data, padding].concat()
    }

    fn whole_webp(chunks: &[Vec<u8>]) -> Vec<u8> {
        let body = [b"WEBP".to_vec(), chunks.concat()].concat();
        [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
    }

    #[test]
    fn a_png_loses_its_texts_and_times() {
        let chunk = in_png;
        let (head, pixels, end) = (chunk(b"IHDR", b"head"), chunk(b"IDAT", b"pixels"), chunk(b"IEND", b""));
        let telling = [PNG, &head, &chunk(b"tEXt", b"Author\0me"), &chunk(b"eXIf", &exif(3)), &pixels, &end, b"behind"];
        let kept = [PNG, &head, &chunk(b"eXIf", &turned(3)), &pixels, &end].concat();
        assert_eq!(strip(&telling.concat()), Some(kept.clone()));
        assert_eq!(strip(&kept), Some(kept));
        let upright = [PNG, &head, &chunk(b"eXIf", &exif(1)), &chunk(b"tIME", b"now"), &chunk(b"gAMA", b"1"), &end];
        assert_eq!(strip(&upright.concat()), Some([PNG, &head, &chunk(b"gAMA", b"1"), &end].concat()));
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn a_webp_loses_what_its_flags_announce() {
        let (chunk, whole) = (in_webp, whole_webp);
        let (pixels, secret) = (chunk(b"VP8L", b"odd"), chunk(b"XMP ", b"secret"));
        let telling = [chunk(b"VP8X", b"\x0c\0\0\0size"), pixels.clone(), chunk(b"EXIF", &exif(8)), secret.clone()];
        let kept = whole(&[chunk(b"VP8X", b"\x08\0\0\0size"), pixels.clone(), chunk(b"EXIF", &turned(8))]);
        assert_eq!(strip(&[whole(&telling), b"behind".to_vec()].concat()), Some(kept.clone()));
        assert_eq!(strip(&kept), Some(kept));
        let none = whole(&[chunk(b"VP8X", b"\x04\0\0\0size"), secret, pixels.clone()]);
        assert_eq!(strip(&none), Some(whole(&[chunk(b"VP8X", b"\0\0\0\0size"), pixels])));
    }

    #[test]
    fn what_is_no_picture_or_damaged_stays() {
        for bytes in [
            &b""[..],
            b"text",
            b"\xff\xd8\xff",
            b"\xff\xd8\xff\xe1\xff\xffx",
            PNG,
            b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR",
        ] {
            assert_eq!(strip(bytes), None, "{bytes:?}");
        }
        assert_eq!(strip(b"RIFF\x04\0\0\0WEBPVP8 \xff\xff\xff\xff").as_deref(), Some(&b"RIFF\x04\0\0\0WEBP"[..]));
        // Broken off within the pixels, as uploads sometimes are: still a picture.
        let picture = picture(&[]);
        let part = &picture[..picture.len() - 12];
        assert!(strip(part).is_some_and(|stripped| has(&stripped, b"pix")));
        for length in 0..picture.len() {
            let _ = strip(&picture[..length]);
        }
    }

    #[test]
    fn a_damaged_end_keeps_no_picture_from_being_cleaned() {
        let (head, text, pixels) = (in_png(b"IHDR", b"head"), in_png(b"tEXt", b"secret"), in_png(b"IDAT", b"pixels"));
        let kept = [PNG, &head, &pixels].concat();
        let endless = [PNG, &head, &text, &pixels, &text].concat();
        for cut in 0..=text.len() {
            assert_eq!(strip(&endless[..endless.len() - cut]), Some(kept.clone()), "{cut} bytes less");
        }
        let part = [PNG, &head, &text, &pixels[..11]].concat();
        assert_eq!(strip(&part), Some([PNG, &head, &pixels[..11]].concat()), "within the pixels");
        assert_eq!(strip(&[PNG, &head, &text].concat()), None, "before them");

        let flags = |flags: u8| in_webp(b"VP8X", &[flags, 0, 0, 0, b's', b'i', b'z', b'e']);
        for kind in [b"VP8 ", b"VP8L", b"ANMF"] {
            let pixels = in_webp(kind, b"odd");
            let bare = &pixels[..pixels.len() - 1];
            let unpadded = whole_webp(&[flags(0x0c), in_webp(b"XMP ", b"secret"), bare.to_vec()]);
            assert_eq!(strip(&unpadded), Some(whole_webp(&[flags(0), bare.to_vec()])));
            let turned = in_webp(b"EXIF", &turned(8));
            let lying = whole_webp(&[flags(0x08), in_webp(b"EXIF", &exif(8)), bare.to_vec()]);
            assert_eq!(strip(&lying), Some(whole_webp(&[flags(0x08), pixels.clone(), turned])));
            let telling = whole_webp(&[flags(0x04), pixels.clone(), in_webp(b"XMP ", b"secret")]);
            for cut in 0..14 {
                let cleaned = strip(&telling[..telling.len() - cut]);
                assert_eq!(cleaned, Some(whole_webp(&[flags(0), pixels.clone()])), "{cut} bytes less");
            }
            assert_eq!(strip(&telling[..telling.len() - 16]), None, "within the pixels");
        }
    }
}
