//! What the fuzz targets of `host/fuzz` do with their input, done here with a little of it, so that they stay right
//! without a fuzzer.

#[path = "../../fuzz/answer.rs"]
mod answer;

use proptest::prelude::*;

/// Rules to begin with, as the fuzzer does.
const SEEDS: &str = include_str!("../../fuzz/seeds.txt");

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_language_answers_anything(
        seed in prop::sample::select(SEEDS.lines().collect::<Vec<_>>()),
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
