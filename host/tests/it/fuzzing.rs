//! What the fuzz targets of `host/fuzz` do with their input, done here with a little of it, so that they stay right
//! without a fuzzer.

#[path = "../../fuzz/answer.rs"]
mod answer;

use proptest::prelude::*;

/// Rules to begin with; a fuzzer's corpus.
const SEEDS: [&str; 6] = [
    "@request.auth.id != '' && (author = @request.auth.id || members.name ?~ 'a%')",
    "posts_via_parent.sel:each = 'x' // why\n && n >= -1.5 || title:lower !~ \"q\"",
    "@collection.users:me.name ?= @request.body.title:isset",
    "geoDistance(geo.lon, geo.lat, 1, 2) < 5 && strftime('%Y', @now, '+1 day') = '2020'",
    "j.a.0.b = null && parent.parent.author.posts_via_author.title != @request.query.q",
    "-title,members.name,+@random,j.a.b",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_language_answers_anything(
        seed in prop::sample::select(SEEDS.to_vec()),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..6, "\\PC{0,3}"), 0..6),
        noise in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        answer::answer(&String::from_utf8_lossy(&noise));
        let mut chars: Vec<char> = seed.chars().collect();
        for (place, length, piece) in cuts {
            let start = place.index(chars.len() + 1);
            let end = (start + length).min(chars.len());
            chars.splice(start..end, piece.chars());
            answer::answer(&chars.iter().collect::<String>());
        }
    }
}
