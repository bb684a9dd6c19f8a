use super::super::fixture::{check_table, lints, says, zone};
use super::*;
use crate::model::RoutingPolicy;
use crate::model::record::Routing;
use alloc::string::ToString;

#[test]
fn coordinates_are_read_more_widely_than_route_53_takes_them() {
    let reads = |axis: &Axis, text: &str| (axis.read(text).is_some(), axis.is_wire_form(text));
    for text in ["90", "-90", "+5", "0.25", "89.99", "7.", "07"] {
        assert_eq!(reads(&LATITUDE, text), (true, true), "{text}");
    }
    for text in ["90.00", "51.507", ".5", "007"] {
        assert_eq!(reads(&LATITUDE, text), (true, false), "{text}");
    }
    for text in ["90.01", "95", "", "-", "1e1", "inf", "NaN", "1,5", " 1", "--1"] {
        assert_eq!(LATITUDE.read(text), None, "{text}");
    }
    for text in ["180", "-179.99", "100.5"] {
        assert_eq!(reads(&LONGITUDE, text), (true, true), "{text}");
    }
    assert_eq!(reads(&LONGITUDE, "180.00"), (true, false));
    assert_eq!(reads(&LONGITUDE, "05"), (true, true));
    assert_eq!(reads(&LONGITUDE, "005"), (true, false));
    assert_eq!(LONGITUDE.read("180.01"), None);
}

fn geolocation(codes: &str) -> String {
    format!(r#"@a $, "SetIdentifier": "a", "GeoLocation": {{{codes}}}"#)
}

#[test]
fn places_are_those_of_route_53() {
    for good in [
        r#""ContinentCode": "EU""#,
        r#""CountryCode": "XK""#,
        r#""CountryCode": "*""#,
        r#""CountryCode": "US", "SubdivisionCode": "DC""#,
        r#""CountryCode": "PR""#,
    ] {
        check_table(&[(&geolocation(good), &[])]);
    }
    for (bad, wanted) in [
        ("", "location-incomplete cannot [0].GeoLocation"),
        (r#""SubdivisionCode": "WA""#, "location-incomplete cannot [0].GeoLocation"),
        (r#""ContinentCode": "XX""#, "location-unknown cannot [0].GeoLocation.ContinentCode"),
        (r#""CountryCode": "ZZ""#, "location-unknown cannot [0].GeoLocation.CountryCode"),
        (r#""CountryCode": "BV""#, "location-unknown cannot [0].GeoLocation.CountryCode"),
        (r#""CountryCode": "de""#, "location-unknown cannot [0].GeoLocation.CountryCode"),
        (r#""CountryCode": "US", "SubdivisionCode": "PR""#, "location-unknown cannot [0].GeoLocation.SubdivisionCode"),
        (r#""CountryCode": "CA", "SubdivisionCode": "ON""#, "location-unknown cannot [0].GeoLocation.SubdivisionCode"),
        (r#""CountryCode": "*", "SubdivisionCode": "WA""#, "location-unknown cannot [0].GeoLocation.CountryCode"),
        (r#""ContinentCode": "NA", "CountryCode": "US""#, "location-mixed cannot [0].GeoLocation.CountryCode"),
        (r#""ContinentCode": "NA", "SubdivisionCode": "WA""#, "location-mixed cannot [0].GeoLocation.SubdivisionCode"),
    ] {
        check_table(&[(&geolocation(bad), &[wanted])]);
    }
    let says = |codes| says(&zone(&geolocation(codes)));
    assert_eq!(
        says(r#""CountryCode": "CA", "SubdivisionCode": "ON""#),
        "Cannot find location: 'country = CA subdivision = ON'. No changes made."
    );
    assert_eq!(says(r#""ContinentCode": "XX""#), "Cannot find location: ' continent = XX'. No changes made.");
    let error = |codes| zone(&geolocation(codes)).diagnostics.first().unwrap().route53_error;
    assert_eq!(error(r#""CountryCode": "US", "SubdivisionCode": "ZZZ""#), Some(Route53Error::InvalidChangeBatch));
    assert_eq!(error(r#""CountryCode": "US", "SubdivisionCode": "ZZZZ""#), Some(Route53Error::InvalidInput));
    assert_eq!(error(r#""CountryCode": "USA""#), Some(Route53Error::InvalidInput));
}

#[test]
fn subdivisions_of_ukraine_are_taken_with_a_warning() {
    let crimea = geolocation(r#""CountryCode": "UA", "SubdivisionCode": "43""#);
    check_table(&[(&crimea, &[])]);
    let wanted = "subdivision-of-ukraine $.ResourceRecordSets[0].GeoLocation.SubdivisionCode".to_string();
    assert!(lints(&zone(&crimea)).contains(&wanted));
}

fn geoproximity(fields: &str) -> String {
    format!(r#"@a $, "SetIdentifier": "a", "GeoProximityLocation": {{{fields}}}"#)
}

#[test]
fn a_position_is_given_in_exactly_one_way() {
    const KEY: &str = "cannot [0].GeoProximityLocation";
    for (fields, wanted) in [
        (r#""AWSRegion": "us-east-1", "Bias": -99"#, ""),
        (r#""LocalZoneGroup": "us-east-1-bos-1", "Bias": 99"#, ""),
        (r#""Coordinates": {"Latitude": "51.51", "Longitude": "-0.13"}"#, ""),
        (r#""Bias": 5"#, &format!("position-not-one {KEY}")),
        (r#""AWSRegion": "us-east-1", "LocalZoneGroup": "us-east-1-bos-1""#, &format!("position-not-one {KEY}")),
        (r#""AWSRegion": "xx-fake-1""#, &format!("position-unknown {KEY}.AWSRegion")),
        (r#""LocalZoneGroup": "not-a-zone-group""#, &format!("position-unknown {KEY}.LocalZoneGroup")),
        (r#""AWSRegion": "us-east-1", "Bias": 100"#, &format!("bias-out-of-range {KEY}.Bias")),
        (r#""AWSRegion": "us-east-1", "Bias": -9223372036854775808"#, &format!("bias-out-of-range {KEY}.Bias")),
        (r#""Coordinates": {"Latitude": "1"}"#, &format!("coordinates-incomplete {KEY}.Coordinates")),
        (
            r#""Coordinates": {"Latitude": "95", "Longitude": "1"}"#,
            &format!("coordinate-out-of-range {KEY}.Coordinates.Latitude"),
        ),
        (
            r#""Coordinates": {"Latitude": "90.00", "Longitude": "1"}"#,
            "coordinate-form refused [0].GeoProximityLocation.Coordinates.Latitude",
        ),
    ] {
        let wanted: &[&str] = if wanted.is_empty() { &[] } else { &[wanted] };
        check_table(&[(&geoproximity(fields), wanted)]);
    }
}

#[test]
fn a_local_zone_group_of_an_unknown_city_is_at_its_region() {
    let validated = zone(&geoproximity(r#""LocalZoneGroup": "us-west-2-zzz-1""#));
    let wanted = "local-zone-position-guessed $.ResourceRecordSets[0].GeoProximityLocation.LocalZoneGroup".to_string();
    assert!(lints(&validated).contains(&wanted));
    let zone = validated.zone.unwrap();
    let Routing::Member { policy: RoutingPolicy::Geoproximity(location), .. } = &zone.record_sets[0].routing else {
        panic!("{zone:?}")
    };
    assert_eq!(Some(location.position), Region::parse("us-west-2").map(Region::position));
}
