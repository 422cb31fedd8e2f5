//! What somebody wants of a call's limits, on any of their measures: an attachment, a schedule or a route, a plugin's manifest,
//! the settings of a tenant, the operator. `None` on a measure is no word about it.

use crate::error::{FieldErrors, code};
use serde_json::{Map, Value};

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Fuel,
    WallMs,
    MemoryMb,
    HostCalls,
    /// Copied out of the guest for one call of the host, and for the result.
    BytesPerCall,
    Handles,
    LogBytes,
    /// Requests that one plugin answers at the same time, or has waiting; of routes only.
    AtOnce,
}

impl Measure {
    pub const ALL: [Self; 8] = [
        Self::Fuel,
        Self::WallMs,
        Self::MemoryMb,
        Self::HostCalls,
        Self::BytesPerCall,
        Self::Handles,
        Self::LogBytes,
        Self::AtOnce,
    ];

    /// In JSON, also in the views of limits.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::WallMs => "wallMs",
            Self::MemoryMb => "memoryMb",
            Self::HostCalls => "hostCalls",
            Self::BytesPerCall => "bytesPerCall",
            Self::Handles => "handles",
            Self::LogBytes => "logBytes",
            Self::AtOnce => "atOnce",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wish([Option<u64>; Measure::ALL.len()]);

impl Wish {
    #[must_use]
    pub fn of(self, measure: Measure) -> Option<u64> {
        self.0[measure as usize]
    }

    /// The same with another word about a measure. 0 is none: there would be no call at all.
    #[must_use]
    pub fn with(mut self, measure: Measure, value: impl Into<Option<u64>>) -> Self {
        self.0[measure as usize] = value.into().filter(|value| *value > 0);
        self
    }

    /// Where both say something the smaller, else what one says.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        Self(std::array::from_fn(|index| self.0[index].into_iter().chain(other.0[index]).min()))
    }

    /// As it was written; what is no whole number above 0 is none.
    #[must_use]
    pub fn of_json(json: &Value) -> Self {
        let said = |measure: Measure| json.get(measure.name()).and_then(Value::as_u64);
        Measure::ALL.into_iter().fold(Self::default(), |wish, measure| wish.with(measure, said(measure)))
    }

    /// As somebody writes it, with an error for each key that is unknown or no whole number of at least `least`; null is no word.
    pub fn read(input: &Map<String, Value>, least: u64, errors: &mut FieldErrors) -> Self {
        let mut wish = Self::default();
        for (key, value) in input {
            let Some(measure) = Measure::ALL.into_iter().find(|measure| measure.name() == key) else {
                let names = Measure::ALL.map(Measure::name).join(", ");
                errors.add(key, code::IN_INVALID.say(format!("There is no such limit; there are {names}.")));
                continue;
            };
            match value.as_u64().filter(|number| *number >= least) {
                Some(number) => wish = wish.with(measure, number),
                None if value.is_null() => {}
                None => {
                    errors.add(key, code::INVALID_VALUE.say(format!("Must be a whole number of at least {least}.")));
                }
            }
        }
        wish
    }

    /// What is said, by name.
    #[must_use]
    pub fn to_json(self) -> Value {
        let said =
            Measure::ALL.into_iter().filter_map(|measure| Some((measure.name().to_owned(), self.of(measure)?.into())));
        Value::Object(said.collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_is_no_word_about_a_limit() {
        let told = json!({"atOnce": 0, "fuel": 7, "wallMs": -1, "memoryMb": "64"});
        assert_eq!(Wish::of_json(&told), Wish::default().with(Measure::Fuel, 7));
        assert_eq!(Wish::default().with(Measure::AtOnce, 0), Wish::default());
        let all = Measure::ALL.into_iter().fold(Wish::default(), |wish, measure| wish.with(measure, 3));
        assert_eq!(Wish::of_json(&all.to_json()).of(Measure::AtOnce), Some(3));
        assert_eq!(all.with(Measure::AtOnce, 0).of(Measure::AtOnce), None);
    }
}
