//! Places: continents, countries, subdivisions and positions (semantics 4.5, 10.39).

use core::fmt;

/// A continent of Route 53's table (1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[expect(missing_docs, reason = "each variant is the continent code of that name")]
pub enum Continent {
    Af,
    An,
    As,
    Eu,
    Na,
    Oc,
    Sa,
}

impl Continent {
    /// Every continent, by code.
    pub const ALL: [Self; 7] = [Self::Af, Self::An, Self::As, Self::Eu, Self::Na, Self::Oc, Self::Sa];

    /// Reads a continent code such as `EU`.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|continent| continent.as_str() == code)
    }

    /// The code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Af => "AF",
            Self::An => "AN",
            Self::As => "AS",
            Self::Eu => "EU",
            Self::Na => "NA",
            Self::Oc => "OC",
            Self::Sa => "SA",
        }
    }

    /// The name in running text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Af => "Africa",
            Self::An => "Antarctica",
            Self::As => "Asia",
            Self::Eu => "Europe",
            Self::Na => "North America",
            Self::Oc => "Oceania",
            Self::Sa => "South America",
        }
    }

    /// The countries of the continent by Route 53's table, two letters each, in byte order (4.5.6).
    const fn countries(self) -> &'static str {
        match self {
            Self::Af => {
                "AOBFBIBJBWCDCFCGCICMCVDJDZEGERETGAGHGMGNGQGWKEKMLRLSLYMAMGMLMRMUMWMZNANENGRERWSCSDSHSLSN\
                 SOSSSTSZTDTGTNTZUGYTZAZMZW"
            }
            Self::An => "AQGSTF",
            Self::As => {
                "AEAFAMAZBDBHBNBTCCCNGEHKIDILINIOIQIRJOJPKGKHKPKRKWKZLALBLKMMMNMOMVMYNPOMPHPKPSQASASGSYTH\
                 TJTMTWUZVNYE"
            }
            Self::Eu => {
                "ADALATAXBABEBGBYCHCYCZDEDKEEESFIFOFRGBGGGIGRHRHUIEIMISITJELILTLULVMCMDMEMKMTNLNOPLPTRORS\
                 RUSESISJSKSMTRUAVAXK"
            }
            Self::Na => "AGAIAWBBBLBMBQBSBZCACRCUCWDMDOGDGLGPGTHNHTJMKNKYLCMFMQMSMXNIPAPMPRSVSXTCTTUSVCVGVI",
            Self::Oc => "ASAUCKFJFMGUKIMHMPNCNFNRNUNZPFPGPNPWSBTKTLTOTVUMVUWFWS",
            Self::Sa => "ARBOBRCLCOECFKGFGYPEPYSRUYVE",
        }
    }
}

/// What ISO 3166-1 assigns and Route 53's table lacks (Online Browsing Platform of the ISO, beside the Developer Guide's
/// list of countries, both as of 2026): Bouvet Island, Christmas Island, Western Sahara, Heard Island and McDonald Islands.
const OUTSIDE_THE_TABLE: [&str; 4] = ["BV", "CX", "EH", "HM"];

/// What ISO 3166-2 has of the US beside the states and the District of Columbia, and the codes of its armed forces that
/// databases of places give: no record set can name them.
const US_WITHOUT_PLACE: [&str; 9] = ["AA", "AE", "AP", "AS", "GU", "MP", "PR", "UM", "VI"];

/// An ISO 3166-1 alpha-2 country code. Codes that Route 53's table lacks can be held: such a client is simply in no
/// place that a record set can name.
///
/// ```
/// use pointsman_core::model::{Continent, Country};
/// let turkey = Country::parse("TR").unwrap();
/// assert_eq!(turkey.continent(), Some(Continent::Eu)); // 4.5.6
/// assert_eq!(Country::parse("BV").unwrap().continent(), None); // not in Route 53's table (1.7)
/// assert_eq!(Country::parse("de"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country([u8; 2]);

impl Country {
    /// The United States, whose states are places (4.5.1).
    pub const US: Self = Self(*b"US");
    /// Ukraine (10.30).
    pub const UA: Self = Self(*b"UA");
    /// China, for which cn-north-1 comes first (4.4.3).
    pub const CN: Self = Self(*b"CN");

    /// Reads two upper-case letters or digits; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).then_some(Self(bytes))
    }

    /// The continent in Route 53's table; `None` when the table lacks the country (4.5.6, 8.3.12).
    #[must_use]
    pub fn continent(self) -> Option<Continent> {
        let continent = CONTINENT_OF.get(index(self.0)?)?;
        Continent::ALL.get(usize::from(*continent)).copied()
    }

    /// Whether Route 53's table has the code, or ISO 3166-1 assigns it to a country that the table lacks. `UK`, `EL`, `EU`
    /// and `ZZ` are neither: a client's country is not one of them.
    ///
    /// ```
    /// use pointsman_core::model::Country;
    /// let is_assigned = |code| Country::parse(code).is_some_and(Country::is_assigned);
    /// assert!(is_assigned("GB") && is_assigned("XK") && is_assigned("BV"));
    /// assert!(!is_assigned("UK") && !is_assigned("EL") && !is_assigned("ZZ"));
    /// ```
    #[must_use]
    pub fn is_assigned(self) -> bool {
        self.continent().is_some() || OUTSIDE_THE_TABLE.contains(&self.as_str())
    }

    /// Every country of Route 53's table, continent by continent.
    pub fn all() -> impl Iterator<Item = Self> {
        Continent::ALL.into_iter().flat_map(|continent| {
            continent.countries().as_bytes().chunks_exact(2).filter_map(|code| Some(Self(code.try_into().ok()?)))
        })
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The code's bytes.
    pub(crate) const fn bytes(self) -> [u8; 2] {
        self.0
    }
}

/// Position of a two-letter code among all of them, AA first.
#[allow(clippy::arithmetic_side_effects, reason = "of upper-case letters, at most 26 * 26")]
const fn index(code: [u8; 2]) -> Option<usize> {
    let [first, second] = code;
    if first.is_ascii_uppercase() && second.is_ascii_uppercase() {
        Some((first - b'A') as usize * 26 + (second - b'A') as usize)
    } else {
        None
    }
}

/// Index of the continent by position of the country's code; 255 for codes that are not in the table.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "worked out by the compiler, which a fault would stop"
)]
static CONTINENT_OF: [u8; 26 * 26] = {
    let mut table = [u8::MAX; 26 * 26];
    let mut continent = 0;
    while continent < Continent::ALL.len() {
        let codes = Continent::ALL[continent].countries().as_bytes();
        let mut at = 0;
        while at < codes.len() {
            if let Some(index) = index([codes[at], codes[at + 1]]) {
                table[index] = continent as u8;
            }
            at += 2;
        }
        continent += 1;
    }
    table
};

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A subdivision code of one to three letters or digits, such as a state of the US.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subdivision {
    bytes: [u8; 3],
    length: u8,
}

impl Subdivision {
    /// Reads one to three upper-case letters or digits.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let length = code.len();
        if length == 0 || !code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
            return None;
        }
        let mut bytes = [0; 3];
        bytes.get_mut(..length)?.copy_from_slice(code.as_bytes());
        Some(Self { bytes, length: u8::try_from(length).ok()? })
    }

    /// Whether this is a state of the US or the District of Columbia.
    #[must_use]
    pub fn is_us_state(&self) -> bool {
        self.length == 2 && US_STATES.as_bytes().chunks_exact(2).any(|code| self.as_str().as_bytes() == code)
    }

    /// Whether a country can have this subdivision: of the US, a state, the District of Columbia, or what ISO 3166-2 has
    /// beside them. Of other countries any, since Route 53's table has none of theirs (10.30).
    #[must_use]
    pub fn is_assigned(&self, country: Country) -> bool {
        country != Country::US || self.is_us_state() || US_WITHOUT_PLACE.contains(&self.as_str())
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.bytes.get(..usize::from(self.length)).unwrap_or_default()).unwrap_or_default()
    }

    /// The code's bytes, padded with zeros.
    pub(crate) const fn bytes(self) -> [u8; 3] {
        self.bytes
    }
}

impl fmt::Display for Subdivision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Subdivision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const US_STATES: &str = "ALAKAZARCACOCTDEDCFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTNTXUT\
                         VTVAWAWVWIWY";

/// A position on the Earth in units of 1e-4 degree, so that it compares and hashes exactly (10.39).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    latitude: i32,
    longitude: i32,
}

impl Position {
    /// Rounds degrees to 1e-4; `None` outside -90..90 and -180..180, or when not a number.
    #[must_use]
    pub fn from_degrees(latitude: f64, longitude: f64) -> Option<Self> {
        if !((-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude)) {
            return None;
        }
        Some(Self { latitude: rounded(latitude), longitude: rounded(longitude) })
    }

    /// From units of 1e-4 degree, for the tables.
    pub(crate) const fn from_e4(latitude: i32, longitude: i32) -> Self {
        Self { latitude, longitude }
    }

    /// Latitude and longitude in units of 1e-4 degree.
    pub(crate) const fn e4(self) -> (i32, i32) {
        (self.latitude, self.longitude)
    }

    /// The position of such units; `None` off the Earth.
    pub(crate) fn checked_from_e4(latitude: i32, longitude: i32) -> Option<Self> {
        let on_earth = latitude.unsigned_abs() <= POLE && longitude.unsigned_abs() <= FULL_TURN / 2;
        on_earth.then_some(Self { latitude, longitude })
    }

    /// Latitude in degrees, north positive.
    #[must_use]
    pub fn latitude(self) -> f64 {
        f64::from(self.latitude) / 1e4
    }

    /// Longitude in degrees, east positive.
    #[must_use]
    pub fn longitude(self) -> f64 {
        f64::from(self.longitude) / 1e4
    }

    /// How far apart two positions are in latitude and, the shorter way round, in longitude, in degrees; exact.
    pub(crate) fn degrees_apart(self, other: Self) -> (f64, f64) {
        let around = self.longitude.abs_diff(other.longitude);
        let longitude = around.min(FULL_TURN.saturating_sub(around));
        (f64::from(self.latitude.abs_diff(other.latitude)) / 1e4, f64::from(longitude) / 1e4)
    }

    /// Whether this is a pole, at whatever longitude.
    pub(crate) const fn is_pole(self) -> bool {
        self.latitude.unsigned_abs() == POLE
    }
}

/// 360 degrees in units of 1e-4 degree.
const FULL_TURN: u32 = 3_600_000;
/// 90 degrees in units of 1e-4 degree.
const POLE: u32 = 900_000;

/// Units of 1e-4 degree as a decimal number.
struct Degrees(i32);

impl fmt::Display for Degrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, mut part) = (self.0.unsigned_abs() / 10_000, self.0.unsigned_abs() % 10_000);
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}")?;
        if part == 0 {
            return Ok(());
        }
        f.write_str(".")?;
        while part > 0 {
            write!(f, "{}", part / 1000)?;
            part = (part % 1000).saturating_mul(10);
        }
        Ok(())
    }
}

fn rounded(degrees: f64) -> i32 {
    libm::round(degrees * 1e4) as i32
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", Degrees(self.latitude), Degrees(self.longitude))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn the_table_is_route_53s() {
        let count = |continent: Continent| continent.countries().len() / 2;
        assert_eq!(count(Continent::Af), 57);
        assert_eq!(Continent::An.countries(), "AQGSTF");
        for (country, continent) in
            [("TR", "EU"), ("GE", "AS"), ("XK", "EU"), ("IO", "AS"), ("TL", "OC"), ("PM", "NA"), ("FK", "SA")]
        {
            assert_eq!(Country::parse(country).unwrap().continent(), Continent::parse(continent), "{country}");
        }
        assert!(Subdivision::parse("DC").unwrap().is_us_state());
        assert!(!Subdivision::parse("PR").unwrap().is_us_state());
    }

    #[test]
    fn positions_are_rounded_to_a_ten_thousandth() {
        let position = Position::from_degrees(1.352_049, -103.819_84).unwrap();
        assert_eq!((position.latitude(), position.longitude()), (1.352, -103.8198));
        assert_eq!(position.to_string(), "1.352,-103.8198");
        assert_eq!(Position::from_degrees(-0.0203, 10.0).unwrap().to_string(), "-0.0203,10");
        assert_eq!(Position::from_degrees(90.01, 0.0), None);
        assert_eq!(Position::from_degrees(f64::NAN, 0.0), None);
    }
}
