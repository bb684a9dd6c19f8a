//! AWS Regions and Local Zone groups: names, countries and approximate positions (semantics 1.7, 10.16).
//!
//! AWS publishes no positions; these are the cities that the Regions are named after.

use core::fmt;

use super::{Country, Position};

/// An AWS Region that a latency record set may name (1.7).
///
/// ```
/// use pointsman_core::model::Region;
/// let singapore = Region::parse("ap-southeast-1").unwrap();
/// assert_eq!(singapore.country().as_str(), "SG");
/// assert_eq!(Region::parse("xx-fake-1"), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region(u8);

impl Region {
    /// How many Regions there are; a Region's [`index`](Self::index) is below it.
    pub const COUNT: usize = REGIONS.len();
    /// Beijing, which answers clients in China whatever the latencies (4.4.3).
    pub const CN_NORTH_1: Self = Self(18);

    /// Reads a Region code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        // The letter behind the first dash and the length tell most codes apart before any are compared.
        let letter = code.as_bytes().get(3)?;
        let is_it = |known: &str| known.len() == code.len() && known.as_bytes().get(3) == Some(letter) && known == code;
        let index = REGIONS.iter().position(|region| is_it(region.0))?;
        u8::try_from(index).ok().map(Self)
    }

    /// Every Region, in the order of the API model.
    pub fn all() -> impl Iterator<Item = Self> {
        (0_u8..).take(Self::COUNT).map(Self)
    }

    /// A number below [`Region::COUNT`], the same in one build of this crate.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        REGIONS.get(self.index()).map_or("", |region| region.0)
    }

    /// The country that the Region lies in.
    #[must_use]
    pub fn country(self) -> Country {
        REGIONS.get(self.index()).and_then(|region| Country::parse(region.1)).unwrap_or(Country::US)
    }

    /// The approximate position (10.16).
    #[must_use]
    pub fn position(self) -> Position {
        REGIONS.get(self.index()).map_or(Position::from_e4(0, 0), |region| Position::from_e4(region.2, region.3))
    }
}

impl PartialOrd for Region {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Byte order of the codes, which breaks latency ties (10.8).
impl Ord for Region {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The approximate position of a Local Zone group such as `us-east-1-bos-1`: the city that its name holds, else the
/// Region that it begins with; `None` when neither is known.
#[must_use]
pub fn local_zone_group_position(group: &str) -> Option<Position> {
    let mut parts = group.rsplitn(3, '-');
    let (_number, city, region) = (parts.next()?, parts.next()?, parts.next()?);
    let region = Region::parse(region)?;
    let city = LOCAL_ZONE_CITIES.iter().find(|entry| entry.0 == city);
    Some(city.map_or(region.position(), |entry| Position::from_e4(entry.1, entry.2)))
}

/// Code, country, latitude and longitude in 1e-4 degree.
const REGIONS: [(&str, &str, i32, i32); 39] = [
    ("us-east-1", "US", 389_500, -774_500),
    ("us-east-2", "US", 400_000, -830_000),
    ("us-west-1", "US", 373_500, -1_219_600),
    ("us-west-2", "US", 458_400, -1_197_000),
    ("ca-central-1", "CA", 455_000, -735_700),
    ("eu-west-1", "IE", 533_500, -62_600),
    ("eu-west-2", "GB", 515_100, -1_300),
    ("eu-west-3", "FR", 488_600, 23_500),
    ("eu-central-1", "DE", 501_100, 86_800),
    ("eu-central-2", "CH", 473_700, 85_400),
    ("ap-southeast-1", "SG", 13_500, 1_038_200),
    ("ap-southeast-2", "AU", -338_700, 1_512_100),
    ("ap-southeast-3", "ID", -62_100, 1_068_500),
    ("ap-northeast-1", "JP", 356_800, 1_396_900),
    ("ap-northeast-2", "KR", 375_700, 1_269_800),
    ("ap-northeast-3", "JP", 346_900, 1_355_000),
    ("eu-north-1", "SE", 593_300, 180_700),
    ("sa-east-1", "BR", -235_500, -466_300),
    ("cn-north-1", "CN", 399_000, 1_164_100),
    ("cn-northwest-1", "CN", 384_700, 1_062_600),
    ("ap-east-1", "HK", 223_200, 1_141_700),
    ("me-south-1", "BH", 260_700, 505_600),
    ("me-central-1", "AE", 244_500, 543_800),
    ("ap-south-1", "IN", 190_800, 728_800),
    ("ap-south-2", "IN", 173_900, 784_900),
    ("af-south-1", "ZA", -339_200, 184_200),
    ("eu-south-1", "IT", 454_600, 91_900),
    ("eu-south-2", "ES", 416_500, -8_900),
    ("ap-southeast-4", "AU", -378_100, 1_449_600),
    ("il-central-1", "IL", 320_700, 347_800),
    ("ca-west-1", "CA", 510_500, -1_140_700),
    ("ap-southeast-5", "MY", 31_400, 1_016_900),
    ("mx-central-1", "MX", 205_900, -1_003_900),
    ("ap-southeast-7", "TH", 137_600, 1_005_000),
    ("us-gov-east-1", "US", 400_000, -830_000),
    ("us-gov-west-1", "US", 458_400, -1_197_000),
    ("ap-east-2", "TW", 250_300, 1_215_700),
    ("ap-southeast-6", "NZ", -368_500, 1_747_600),
    ("eusc-de-east-1", "DE", 524_100, 125_500),
];

/// City part of a Local Zone group's name, latitude and longitude of the city in 1e-4 degree.
const LOCAL_ZONE_CITIES: [(&str, i32, i32); 34] = [
    ("akl", -368_500, 1_747_600),
    ("atl", 337_500, -843_900),
    ("bkk", 137_600, 1_005_000),
    ("bos", 423_600, -710_600),
    ("bue", -346_000, -583_800),
    ("ccu", 225_700, 883_600),
    ("chi", 418_800, -876_300),
    ("cph", 556_800, 125_700),
    ("del", 286_100, 772_100),
    ("den", 397_400, -1_049_900),
    ("dfw", 327_800, -968_000),
    ("ham", 535_500, 99_900),
    ("han", 210_300, 1_058_500),
    ("hel", 601_700, 249_400),
    ("hnl", 213_100, -1_578_600),
    ("iah", 297_600, -953_700),
    ("las", 361_700, -1_151_400),
    ("lax", 340_500, -1_182_400),
    ("lim", -120_500, -770_400),
    ("los", 65_200, 33_800),
    ("mci", 391_000, -945_800),
    ("mct", 235_900, 584_100),
    ("mia", 257_600, -801_900),
    ("mnl", 146_000, 1_209_800),
    ("msp", 449_800, -932_700),
    ("nyc", 407_100, -740_100),
    ("pdx", 455_200, -1_226_800),
    ("per", -319_500, 1_158_600),
    ("phl", 399_500, -751_700),
    ("phx", 334_500, -1_120_700),
    ("qro", 205_900, -1_003_900),
    ("scl", -334_500, -706_700),
    ("sea", 476_100, -1_223_300),
    ("waw", 522_300, 210_100),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_reads_back() {
        for region in Region::all() {
            assert_eq!(Region::parse(region.as_str()), Some(region));
            assert!(region.country().continent().is_some(), "{region}");
        }
        assert_eq!(Region::CN_NORTH_1.as_str(), "cn-north-1");
        assert_eq!(Region::all().count(), 39);
    }

    #[test]
    fn a_local_zone_group_is_at_its_city_or_its_region() {
        assert_eq!(local_zone_group_position("us-east-1-bos-1"), Some(Position::from_e4(423_600, -710_600)));
        assert_eq!(local_zone_group_position("us-west-2-zzz-1"), Region::parse("us-west-2").map(Region::position));
        assert_eq!(local_zone_group_position("nowhere"), None);
    }
}
