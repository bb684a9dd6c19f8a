//! The vocabulary by Rust's own traits: what `parse` reads, [`FromStr`](core::str::FromStr) and [`TryFrom`] read too, and say what is wrong.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use super::{Continent, Country, IpNetwork, Name, NameBuf, NameError, RecordType, Region, Subdivision, Time};

/// A word that is none of its kind.
///
/// ```
/// use pointsman_core::model::Region;
/// let error = "us-north-1".parse::<Region>().unwrap_err();
/// assert_eq!(error.to_string(), "`us-north-1` is not a Region");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    word: String,
    wanted: &'static str,
}

impl UnknownWord {
    /// `wanted` follows "is not".
    pub(crate) fn new(word: &str, wanted: &'static str) -> Self {
        Self { word: word.to_owned(), wanted }
    }
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not {}", self.word, self.wanted)
    }
}

impl core::error::Error for UnknownWord {}

/// What a word should be, where something else was given.
pub(crate) const CONTINENT: &str = "one of AF AN AS EU NA OC SA";
pub(crate) const COUNTRY: &str = "a country code such as SG";
pub(crate) const NETWORK: &str = "a network such as 203.0.113.0/24";
pub(crate) const RECORD_TYPE: &str = "a record type that Route 53 knows";
pub(crate) const REGION: &str = "a Region";

/// Has a type that reads words by `parse` read them by the traits.
macro_rules! read_by_traits {
    ($($kind:ty, $error:ty, |$word:ident| $read:expr;)*) => {$(
        impl core::str::FromStr for $kind {
            type Err = $error;

            fn from_str($word: &str) -> Result<Self, $error> {
                $read
            }
        }

        impl TryFrom<&str> for $kind {
            type Error = $error;

            fn try_from(word: &str) -> Result<Self, $error> {
                word.parse()
            }
        }
    )*};
}
pub(crate) use read_by_traits;

read_by_traits! {
    Continent, UnknownWord, |word| Self::parse(word).ok_or_else(|| UnknownWord::new(word, CONTINENT));
    Country, UnknownWord, |word| Self::parse(word).ok_or_else(|| UnknownWord::new(word, COUNTRY));
    IpNetwork, UnknownWord, |word| Self::parse(word).ok_or_else(|| UnknownWord::new(word, NETWORK));
    Name, NameError, |word| Self::parse(word);
    NameBuf, NameError, |word| Self::parse(word);
    RecordType, UnknownWord, |word| Self::parse(word).ok_or_else(|| UnknownWord::new(word, RECORD_TYPE));
    Region, UnknownWord, |word| Self::parse(word).ok_or_else(|| UnknownWord::new(word, REGION));
    Subdivision, UnknownWord, |word| Self::parse(word).ok_or_else(|| UnknownWord::new(word, "a subdivision code such as WA"));
    Time, UnknownWord, |word| Self::parse(word).ok_or_else(|| UnknownWord::new(word, "a time such as 2026-03-01T09:30:00Z"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_traits_read_what_parse_reads() {
        assert_eq!("SG".parse(), Ok(Country::parse("SG").unwrap()));
        assert_eq!(Region::try_from("us-east-1"), Ok(Region::parse("us-east-1").unwrap()));
        assert_eq!("a..b".parse::<NameBuf>().unwrap_err(), NameError::EmptyLabel);
        assert_eq!("sg".parse::<Country>().unwrap_err(), UnknownWord::new("sg", COUNTRY));
    }
}
