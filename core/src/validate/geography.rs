//! Places of geolocation and geoproximity record sets (1.7, 8.3.12, 10.30).

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::context::RecordSetContext;
use super::record::not_valid;
use super::route53_messages::Shown;
use crate::diagnostic::{Diagnostic, Route53Error};
use crate::limits::BIAS_MAX;
use crate::model::region::local_zone_group_position;
use crate::model::routing::GeoProximityLocation;
use crate::model::{Continent, Country, GeoLocation, Position, Region, Subdivision};
use crate::parse::GeoProximityFields;

const KEY: &str = "GeoLocation";

/// Reads a GeoLocation from its continent, country and subdivision codes.
#[inline(never)]
pub(super) fn location(
    context: RecordSetContext<'_, '_>,
    codes: [Option<&str>; 3],
    out: &mut Vec<Diagnostic>,
) -> Option<GeoLocation> {
    let known = match codes {
        [Some(continent), None, None] => Continent::parse(continent).map(GeoLocation::Continent),
        [None, Some("*"), None] => Some(GeoLocation::Default),
        [None, Some(country), None] => country_of_table(country).map(GeoLocation::Country),
        [None, Some(country), Some(subdivision)] => subdivided(context, country, subdivision, out),
        [Some(_), _, _] => {
            mixed(context, codes, out);
            return None;
        }
        [None, None, subdivision] => {
            if !context.fields.damaged {
                let message = match subdivision {
                    Some(code) => format!("the subdivision `{}` has no CountryCode", Shown(code)),
                    None => "the GeoLocation names no place".into(),
                };
                let finding = Diagnostic::cannot("location-incomplete", message)
                    .help(
                        "give ContinentCode, or CountryCode (US also with SubdivisionCode); CountryCode `*` is the \
                           default",
                    )
                    .error(Route53Error::InvalidInput);
                finding.at(context.at(&[KEY])).add_to(out);
            }
            return None;
        }
    };
    if known.is_none() {
        unknown(context, codes, out);
    }
    known
}

fn country_of_table(code: &str) -> Option<Country> {
    Country::parse(code).filter(|country| country.continent().is_some())
}

/// States of the US; subdivisions of Ukraine with a warning (10.30).
fn subdivided(
    context: RecordSetContext<'_, '_>,
    country: &str,
    subdivision: &str,
    out: &mut Vec<Diagnostic>,
) -> Option<GeoLocation> {
    let country = Country::parse(country)?;
    let subdivision = Subdivision::parse(subdivision)?;
    if country == Country::UA {
        let message =
            format_args!("the API reference names no subdivisions of Ukraine; `{subdivision}` is matched like a state");
        let finding = Diagnostic::lint("subdivision-of-ukraine", message)
            .help("make sure with `aws route53 list-geo-locations` that Route 53 knows it");
        finding.at(context.at(&[KEY, "SubdivisionCode"])).add_to(out);
    } else if country != Country::US || !subdivision.is_us_state() {
        return None;
    }
    Some(GeoLocation::Subdivision(country, subdivision))
}

#[inline(never)]
fn mixed(context: RecordSetContext<'_, '_>, codes: [Option<&str>; 3], out: &mut Vec<Diagnostic>) {
    let beside = if codes[1].is_some() { "CountryCode" } else { "SubdivisionCode" };
    let message = format_args!("ContinentCode may not be given with {beside}");
    let mut finding = Diagnostic::cannot("location-mixed", message)
        .help("keep one: a country serves its own clients, a continent those of all its countries")
        .error(Route53Error::InvalidInput);
    finding.route53_message = codes[1].is_none().then(|| cannot_find(codes));
    finding.at(context.at(&[KEY, beside])).add_to(out);
}

#[inline(never)]
fn unknown(context: RecordSetContext<'_, '_>, codes: [Option<&str>; 3], out: &mut Vec<Diagnostic>) {
    let (field, message, help) = match codes {
        [Some(continent), ..] => (
            "ContinentCode",
            format!("`{}` is not a continent of Route 53", Shown(continent)),
            "use one of AF AN AS EU NA OC SA; the default is CountryCode `*`",
        ),
        [_, Some("US"), Some(subdivision)] => (
            "SubdivisionCode",
            format!("`{}` is not a state of the US", Shown(subdivision)),
            "use a state such as WA, or DC; territories such as PR are countries of their own",
        ),
        [_, Some(country), Some(subdivision)] if country_of_table(country).is_some() => (
            "SubdivisionCode",
            format!("Route 53 knows no subdivision `{}` of `{country}`", Shown(subdivision)),
            "leave SubdivisionCode out: only the US has subdivisions",
        ),
        [_, country, _] => (
            "CountryCode",
            format!("`{}` is not a country of Route 53", Shown(country.unwrap_or_default())),
            "use a two-letter code of ISO 3166-1 in capital letters, or `*` for the default; BV CX EH HM are left out",
        ),
    };
    // Of a code that the schema has no room for, the service does not come to look the place up (8.2).
    let lengths = [2..=2, 1..=2, 1..=3];
    let does_not_fit =
        codes.iter().zip(lengths).any(|(code, fits)| code.is_some_and(|code| !fits.contains(&code.len())));
    let mut finding = Diagnostic::cannot("location-unknown", message).help(help);
    let finding = match (does_not_fit, codes[0]) {
        (true, continent) => {
            finding.route53_message = continent.map(|code| {
                format!(
                    "Invalid XML ; cvc-length-valid: Value '{}' with length = '{}' is not facet-valid with respect to length \
                     '2' for type 'ContinentCode'.",
                    Shown(code),
                    code.chars().count()
                )
            });
            finding.error(Route53Error::InvalidInput)
        }
        (false, _) => finding.error(Route53Error::InvalidChangeBatch).says(cannot_find(codes)),
    };
    finding.at(context.at(&[KEY, field])).add_to(out);
}

/// The service's own words, blanks included.
fn cannot_find(codes: [Option<&str>; 3]) -> String {
    let [continent, country, subdivision] = codes.map(|code| code.map(Shown));
    let mut place = String::new();
    if let Some(country) = country {
        place.push_str(&format!("country = {country}"));
    }
    if let Some(continent) = continent {
        place.push_str(&format!(" continent = {continent}"));
    }
    if let Some(subdivision) = subdivision {
        place.push_str(&format!(" subdivision = {subdivision}"));
    }
    format!("Cannot find location: '{place}'. No changes made.")
}

/// Reads a GeoProximityLocation.
#[inline(never)]
pub(super) fn proximity(
    context: RecordSetContext<'_, '_>,
    fields: &GeoProximityFields<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<GeoProximityLocation> {
    const KEY: &str = "GeoProximityLocation";
    let bias = fields.bias.unwrap_or(0);
    let checked_bias = i8::try_from(bias).ok().filter(|_| bias.abs() <= BIAS_MAX);
    if checked_bias.is_none() {
        let message = format_args!("a Bias is a whole number from -{BIAS_MAX} to {BIAS_MAX}; this one is {bias}");
        let bound = if bias < 0 { ("minInclusive", -BIAS_MAX) } else { ("maxInclusive", BIAS_MAX) };
        let finding = Diagnostic::cannot("bias-out-of-range", message)
            .help("give a smaller Bias")
            .error(Route53Error::InvalidInput)
            .says(format_args!("{} for type 'Bias'", not_valid(bias, bound)));
        finding.at(context.at(&[KEY, "Bias"])).add_to(out);
    }
    let (position, region, place): (_, _, Box<str>) =
        match (&fields.aws_region, &fields.local_zone_group, &fields.coordinates) {
            (Some(code), None, None) => {
                let Some(region) = Region::parse(code) else {
                    unknown_position(context, "AWSRegion", code, out);
                    return None;
                };
                (region.position(), Some(region), (&**code).into())
            }
            (None, Some(group), None) => {
                let Some(position) = local_zone_group_position(group) else {
                    unknown_position(context, "LocalZoneGroup", group, out);
                    return None;
                };
                warn_of_guess(context, group, position, out);
                (position, None, (&**group).into())
            }
            (None, None, Some((latitude, longitude))) => {
                let position = coordinates(context, latitude.as_deref(), longitude.as_deref(), out)?;
                let place =
                    format!("{},{}", latitude.as_deref().unwrap_or_default(), longitude.as_deref().unwrap_or_default());
                (position, None, place.into())
            }
            (None, None, None) => {
                if !context.fields.damaged {
                    choose_one(context, "none", out);
                }
                return None;
            }
            _ => {
                choose_one(context, "more than one", out);
                return None;
            }
        };
    Some(GeoProximityLocation { position, region, place, bias: checked_bias? })
}

fn choose_one(context: RecordSetContext<'_, '_>, found: &str, out: &mut Vec<Diagnostic>) {
    let finding = Diagnostic::cannot(
        "position-not-one",
        format_args!("the record set has {found} of the three kinds of position"),
    )
    .help("give exactly one of AWSRegion, LocalZoneGroup and Coordinates")
    .error(Route53Error::InvalidInput)
    .says(format_args!(
        "Invalid request: Expected exactly one of [AWSRegion, LocalZoneGroup, or at least one of [Coordinates, or all \
             of [Latitude, and Longitude]]], but found {found}"
    ));
    finding.at(context.at(&["GeoProximityLocation"])).add_to(out);
}

fn unknown_position(context: RecordSetContext<'_, '_>, field: &str, code: &str, out: &mut Vec<Diagnostic>) {
    let code = Shown(code);
    let (kind, example) = match field {
        "AWSRegion" => ("an AWS Region", "us-east-1"),
        _ => ("a Local Zone group", "us-east-1-bos-1"),
    };
    let finding = Diagnostic::cannot("position-unknown", format_args!("`{code}` is not {kind}"))
        .help(format_args!("use {kind} such as {example}, or give Coordinates"))
        .error(Route53Error::InvalidChangeBatch)
        .says(format_args!("Cannot find GeoProximityLocation with {field} = {code}. No changes made."));
    finding.at(context.at(&["GeoProximityLocation", field])).add_to(out);
}

/// A group whose city is not in the table is placed at its Region.
fn warn_of_guess(context: RecordSetContext<'_, '_>, group: &str, position: Position, out: &mut Vec<Diagnostic>) {
    let region = group.rsplitn(3, '-').nth(2).and_then(Region::parse);
    if let Some(region) = region.filter(|region| region.position() == position) {
        let message = format_args!(
            "the city of the Local Zone group `{}` is not known; it is taken to be at {region}",
            Shown(group)
        );
        let finding = Diagnostic::lint("local-zone-position-guessed", message)
            .help("check the spelling, or give Coordinates for an exact position");
        finding.at(context.at(&["GeoProximityLocation", "LocalZoneGroup"])).add_to(out);
    }
}

#[inline(never)]
fn coordinates(
    context: RecordSetContext<'_, '_>,
    latitude: Option<&str>,
    longitude: Option<&str>,
    out: &mut Vec<Diagnostic>,
) -> Option<Position> {
    let (Some(latitude), Some(longitude)) = (latitude, longitude) else {
        if !context.fields.damaged {
            let field = if latitude.is_none() { "Latitude" } else { "Longitude" };
            let finding = Diagnostic::cannot("coordinates-incomplete", format_args!("the Coordinates have no {field}"))
                .help("give Latitude and Longitude")
                .error(Route53Error::InvalidInput);
            finding.at(context.at(&["GeoProximityLocation", "Coordinates"])).add_to(out);
        }
        return None;
    };
    let mut read = |text, axis: &Axis| {
        let degrees = axis.read(text);
        if degrees.is_none() || !axis.is_wire_form(text) {
            axis.finding(context, text, degrees.is_some()).add_to(out);
        }
        degrees
    };
    let (latitude, longitude) = (read(latitude, &LATITUDE), read(longitude, &LONGITUDE));
    Position::from_degrees(latitude?, longitude?)
}

/// Digits with at most one dot among them as the nearest number; digits past the fifteenth do not matter to a place.
/// The standard library reads every form of number, with tables larger than all the places that Route 53 knows.
fn plain_decimal(text: &str) -> Option<f64> {
    const SIGNIFICANT: u64 = 1_000_000_000_000_000;
    let (mut digits, mut scale, mut seen, mut fraction) = (0_u64, 1_u64, false, false);
    for byte in text.bytes() {
        match byte {
            b'.' if !fraction => fraction = true,
            b'0'..=b'9' => {
                seen = true;
                if digits < SIGNIFICANT / 10 && scale < SIGNIFICANT {
                    digits = digits.saturating_mul(10).saturating_add(u64::from(byte.saturating_sub(b'0')));
                    scale = if fraction { scale.saturating_mul(10) } else { scale };
                } else if !fraction {
                    return None;
                }
            }
            _ => return None,
        }
    }
    // Both are whole numbers that a double holds, so that the quotient is the nearest double.
    seen.then(|| digits as f64 / scale as f64)
}

/// Latitude or longitude as text.
struct Axis {
    name: &'static str,
    max: u16,
    pattern: &'static str,
}

const LATITUDE: Axis = Axis { name: "Latitude", max: 90, pattern: "[-+]?(90|[0-8]{0,1}[0-9](\\.[0-9]{0,2})?)" };
const LONGITUDE: Axis =
    Axis { name: "Longitude", max: 180, pattern: "[-+]?(180|(1[0-7][0-9]|[0-9]{1,2})(\\.[0-9]{0,2})?)" };

impl Axis {
    /// Degrees, when the text is a plain decimal number in range.
    fn read(&self, text: &str) -> Option<f64> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let degrees = plain_decimal(digits).filter(|degrees| *degrees <= f64::from(self.max))?;
        Some(if text.starts_with('-') { -degrees } else { degrees })
    }

    /// Whether the API's pattern takes the text, of which [`Axis::read`] made a number.
    fn is_wire_form(&self, text: &str) -> bool {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let Ok(value) = whole.parse::<u16>() else { return false };
        let width = if self.max == 90 { 2 } else { 3 };
        let is_short = whole.len() <= width && (value > 99 || whole.len() <= 2);
        is_short && fraction.is_none_or(|fraction| fraction.len() <= 2 && value < self.max)
    }

    fn finding(&self, context: RecordSetContext<'_, '_>, text: &str, can_be_read: bool) -> Diagnostic {
        let Self { name, max, pattern } = self;
        let text = Shown(text);
        let finding = if can_be_read {
            let message = format_args!("Route 53 does not take the {name} `{text}` in this form");
            Diagnostic::refused("coordinate-form", Route53Error::InvalidInput, message)
                .help(format_args!("give at most two decimals, and none with {max}"))
        } else {
            let message = format_args!("a {name} is a decimal number from -{max} to {max}; this one is `{text}`");
            Diagnostic::cannot("coordinate-out-of-range", message)
                .help("give degrees such as 51.51")
                .error(Route53Error::InvalidInput)
        };
        let says = format_args!(
            "Invalid XML ; cvc-pattern-valid: Value '{text}' is not facet-valid with respect to pattern '{pattern}' for type '{name}'"
        );
        finding.says(says).at(context.at(&["GeoProximityLocation", "Coordinates", name]))
    }
}
