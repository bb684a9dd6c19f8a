//! Images of zones: they open to the same zone, equal zones give equal images, and no bytes break them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use pointsman_core::compile::{ImageError, ImageHeader, Zone, compile};
use pointsman_core::health::HealthView;
use pointsman_core::parse::{HealthReport, parse, parse_query};
use pointsman_core::validate::{Options, validate};

const EVERY_POLICY: &str = include_str!("every_policy.json");
const KIT: &str = include_str!("proptest_kit.json");

fn zone(text: &str) -> Zone {
    let validated = validate(&[parse(0, text)], &Options::default());
    compile(&validated.zone.unwrap_or_else(|| panic!("{:?}", validated.diagnostics)))
}

/// What a zone says about questions of every kind, as lines of JSON.
fn says(zone: Zone) -> Vec<String> {
    let question = |(name, record_type): (pointsman_core::model::NameRef<'_>, _)| {
        format!(r#""name":{},"type":"{record_type}""#, serde_json::Value::from(name.to_string()))
    };
    let questions: Vec<String> = zone.questions().map(question).collect();
    let checks: Vec<String> = zone.health_check_ids().map(String::from).collect();
    let view = HealthView::new(Arc::new(zone), &HealthReport::default()).0;
    // Every other check down, those that may be taken down.
    let failing = checks.iter().step_by(2).fold(view.clone(), |view, check| match view.down(check) {
        Ok((down, _)) => down,
        Err(_) => view,
    });
    let views = [view, failing];
    let clients = [
        "{}",
        r#"{"country":"US","subdivision":"US-WA","ip":"192.0.2.7","latitude":40.0,"longitude":-75.0}"#,
        r#"{"country":"DE","ecs":"203.0.113.0/24","latitude":50.0,"longitude":8.0,"latency_ms":{"us-east-1":90,"eu-west-1":20}}"#,
        r#"{"country":"CN","ip":"2001:db8::1","latency_ms":{"cn-north-1":10}}"#,
    ];
    let mut lines = Vec::new();
    for view in &views {
        for question in &questions {
            for client in clients {
                let query = parse_query(&format!(r#"{{{question},"client":{client},"draw":"7"}}"#)).unwrap();
                lines.push(view.odds(&query).unwrap().to_json());
                lines.push(view.explain(&query).to_json());
            }
        }
    }
    lines
}

#[test]
fn an_image_opens_to_the_same_zone() {
    for text in [EVERY_POLICY, KIT] {
        let image = zone(text).to_image();
        assert_eq!(zone(text).to_image(), image, "equal zones give equal images");
        let opened = Zone::from_image(&image).unwrap();
        assert_eq!(opened.to_image(), image, "what was opened is written as it was");
        assert_eq!(says(opened), says(zone(text)));
    }
}

#[test]
fn another_order_of_the_documents_gives_the_same_image() {
    let mut document: serde_json::Value = serde_json::from_str(EVERY_POLICY).unwrap();
    let image = zone(EVERY_POLICY).to_image();
    document["ResourceRecordSets"].as_array_mut().unwrap().reverse();
    // Values and places are numbered by name, type and SetIdentifier, not by where they stand in the document.
    assert_eq!(zone(&document.to_string()).to_image(), image);
}

#[test]
fn other_versions_are_refused_in_words() {
    let image = zone(EVERY_POLICY).to_image();
    let mut other = image.clone();
    other[8] = 9;
    assert_eq!(Zone::from_image(&other).err(), Some(ImageError::Format { found: 9 }));
    let mut other = image.clone();
    other[10] = 77;
    let error = Zone::from_image(&other).err().unwrap();
    assert_eq!(error.to_string(), "the image was compiled for semantics 77, and this version has semantics 1");
    for length in [0, 7, 8, 63, 64, 100, image.len() - 1] {
        assert!(Zone::from_image(&image[..length]).is_err(), "{length} bytes");
    }
    let longer = [image.as_slice(), &[0]].concat();
    assert_eq!(Zone::from_image(&longer).err(), Some(ImageError::Damaged));
}

#[test]
fn each_flipped_bit_is_noticed() {
    let image = zone(EVERY_POLICY).to_image();
    for at in 0..image.len() {
        let mut other = image.clone();
        other[at] ^= 1 << (at % 8);
        assert!(Zone::from_image(&other).is_err(), "byte {at}");
    }
}

/// The image with its digest made right again, so that what is behind the digest is looked at.
fn sealed(mut image: Vec<u8>) -> Vec<u8> {
    const FIRST: u64 = 0x9E37_79B9_7F4A_7C15;
    const SECOND: u64 = 0xBF58_476D_1CE4_E5B9;
    let mut body = image[64..].to_vec();
    let length = body.len() as u64;
    body.resize((body.len() / 32 + 1) * 32, 0);
    let mix = |lane: u64, word: u64| (lane ^ word).wrapping_mul(SECOND).rotate_left(29);
    let mut lanes = [0, FIRST, FIRST.wrapping_mul(2), FIRST.wrapping_mul(3)].map(|lane| lane ^ length);
    for (at, word) in body.chunks_exact(8).enumerate() {
        lanes[at % 4] = mix(lanes[at % 4], u64::from_le_bytes(word.try_into().unwrap()));
    }
    let (mut a, mut b) = (FIRST, SECOND);
    for lane in lanes {
        a = mix(a, lane);
        b = b.wrapping_add(lane).rotate_left(41).wrapping_mul(FIRST);
    }
    let (a, b) = (a ^ b.rotate_left(32), b ^ (a >> 32));
    image[24..32].copy_from_slice(&a.wrapping_mul(FIRST).to_le_bytes());
    image[32..40].copy_from_slice(&b.wrapping_mul(SECOND).to_le_bytes());
    image
}

#[test]
fn whatever_is_opened_answers() {
    let image = zone(KIT).to_image();
    assert_eq!(sealed(image.clone()), image, "the digest of docs/image.md is the one that is written");
    let rounds = std::env::var("POINTSMAN_IMAGE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4_000);
    let (mut opened, mut refused) = (0_u32, 0_u32);
    let mut seed = 0x1234_5678_9ABC_DEF1_u64;
    let mut dice = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    for _ in 0..rounds {
        let mut other = image.clone();
        for _ in 0..=dice() % 3 {
            let at = 64 + dice() % (other.len() - 64);
            match dice() % 4 {
                0 => other[at] ^= 1 << (dice() % 8),
                1 => other[at] = dice() as u8,
                2 => other[at & !3..][..4].copy_from_slice(&(dice() as u32 % 40).to_le_bytes()),
                _ => {
                    // Splice: eight bytes from elsewhere.
                    let from = 64 + dice() % (other.len() - 72);
                    let to = 64 + dice() % (other.len() - 72);
                    other.copy_within(from..from + 8, to);
                }
            }
        }
        match Zone::from_image(&sealed(other)) {
            Ok(zone) => {
                opened += 1;
                if opened % 16 == 0 {
                    let _ = says(zone);
                }
            }
            Err(ImageError::Malformed { .. }) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(opened > 0 && refused > 0, "{opened} opened, {refused} refused");
}

/// The image of `every_policy.json` in each format, as the command wrote it at the time, on another machine. One is added with
/// each new format; older ones open still, or say which format they have.
const KEPT: [(u16, &[u8]); 1] = [(2, include_bytes!("images/format-2.pmz"))];

#[test]
fn kept_images_of_every_format_open_or_say_what_they_are() {
    let now = zone(EVERY_POLICY).to_image();
    let format = ImageHeader::read(&now).unwrap().format;
    assert!(KEPT.iter().any(|(kept, _)| *kept == format), "keep the image of format {format} in core/tests/images");
    for (kept, image) in KEPT {
        match Zone::from_image(image) {
            Ok(opened) => {
                assert_eq!(says(opened), says(zone(EVERY_POLICY)), "format {kept}");
                assert!(kept != format || image == now, "this machine makes another image of format {kept}");
            }
            Err(error) => assert!(
                kept != format && error == ImageError::Format { found: kept },
                "format {kept}: {error}; an image of this format was released, so the format needs another number"
            ),
        }
    }
}

#[test]
fn the_header_is_read_alone() {
    let image = zone(EVERY_POLICY).to_image();
    let header = ImageHeader::read(&image[..64]).unwrap();
    assert_eq!((header.format, header.semantics), (2, pointsman_core::SEMANTICS_VERSION));
    assert_ne!(header.digest, ImageHeader::read(&zone(KIT).to_image()).unwrap().digest);
}
