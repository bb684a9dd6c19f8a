use super::super::fixture::{lints, of, records_document, refusals};
use crate::parse::parse;
use crate::validate::{Options, validate};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const ZONE: &str = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}}"#;

fn collection(blocks: &[(&str, &str)]) -> String {
    let block =
        |(block, location): &(&str, &str)| format!(r#"{{"CidrBlock": "{block}", "LocationName": "{location}"}}"#);
    let blocks: Vec<_> = blocks.iter().map(block).collect();
    format!(
        r#"{{"CidrCollections": [{{"Id": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "Name": "n", "CidrBlocks": [{}]}}]}}"#,
        blocks.join(",")
    )
}

fn record(location: &str) -> String {
    records_document(&format!(
        r#"@a $, "SetIdentifier": "a", 
            "CidrRoutingConfig": {{"CollectionId": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106",
                "LocationName": "{location}"}}"#
    ))
}

#[test]
fn blocks_have_a_form_a_length_and_one_location() {
    let path = |index: usize, field: &str| format!("$.CidrCollections[0].CidrBlocks[{index}].{field}");
    let refused = |blocks: &[(&str, &str)]| refusals(&of(&[ZONE, &collection(blocks)]));
    assert_eq!(refused(&[("192.0.2.0/24", "a"), ("2001:db8::/48", "a"), ("192.0.0.0/16", "b")]), [""; 0]);
    for malformed in ["192.0.2.0", "192.0.2/24", "192.0.2.0/33", "x/8"] {
        assert_eq!(refused(&[(malformed, "a")]), [format!("cidr-block-malformed cannot {}", path(0, "CidrBlock"))]);
    }
    for long in ["192.0.2.0/25", "2001:db8::/49"] {
        assert_eq!(refused(&[(long, "a")]), [format!("cidr-block-too-long refused {}", path(0, "CidrBlock"))]);
    }
    assert_eq!(refused(&[("0.0.0.0/0", "a")]), [format!("cidr-block-zero refused {}", path(0, "CidrBlock"))]);
    assert_eq!(refused(&[("0.0.0.0/0", "*"), ("::/0", "*")]), [""; 0]);
    assert_eq!(
        refused(&[("192.0.2.0/24", "a"), ("192.0.2.0/24", "a")]),
        [format!("cidr-block-twice refused {}", path(1, "CidrBlock"))]
    );
    assert_eq!(
        refused(&[("192.0.2.0/24", "a"), ("192.0.2.9/24", "b")]),
        [format!("cidr-block-in-two-locations cannot {}", path(1, "CidrBlock"))]
    );
    for location in ["a b", "", "12345678901234567", "*"] {
        let wanted = format!("cidr-location-malformed refused {}", path(0, "LocationName"));
        assert_eq!(refused(&[("192.0.2.0/24", location)]), [wanted], "{location}");
    }
    let host_bits = of(&[ZONE, &collection(&[("203.0.113.0/22", "a")])]);
    assert_eq!(lints(&host_bits), [format!("network-host-bits {}", path(0, "CidrBlock"))]);
    assert_eq!(host_bits.zone.unwrap().cidr_collections[0].blocks[0].0.to_string(), "203.0.112.0/22");
}

#[test]
fn record_sets_name_locations_that_exist() {
    let blocks = collection(&[("192.0.2.0/24", "here")]);
    let refused = |texts: &[&str]| refusals(&of(texts));
    const PATH: &str = "$.ResourceRecordSets[0].CidrRoutingConfig";
    assert_eq!(refused(&[ZONE, &blocks, &record("here")]), [""; 0]);
    assert_eq!(refused(&[ZONE, &blocks, &record("*")]), [""; 0]);
    assert_eq!(
        refused(&[ZONE, &blocks, &record("there")]),
        [format!("cidr-location-unknown cannot {PATH}.LocationName")]
    );
    // Not given is not the same as not there (10.52): only `*` applies.
    let warned = |texts: &[&str]| -> Vec<String> {
        let of_collections = lints(&of(texts)).into_iter().filter(|line| !line.starts_with("ip-based-without-default"));
        of_collections.collect()
    };
    assert_eq!(refused(&[ZONE, &record("here")]), [""; 0]);
    assert_eq!(warned(&[ZONE, &record("here")]), [format!("cidr-collections-not-given {PATH}.CollectionId")]);
    let other = blocks.replace("c8c02a84", "d9d02a84");
    assert_eq!(
        refused(&[ZONE, &other, &record("here")]),
        [format!("cidr-collection-unknown refused {PATH}.CollectionId")]
    );
    let listed = r#"{"CidrCollections": [{"Id": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "Name": "n", "Version": 1}]}"#;
    assert_eq!(refused(&[ZONE, listed, &record("here")]), [""; 0]);
    assert_eq!(warned(&[ZONE, listed, &record("here")]), [format!("cidr-blocks-missing {PATH}.CollectionId")]);
    let own = |text: &str| text.replace("c8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "mine");
    assert_eq!(
        refused(&[ZONE, &own(&blocks), &own(&record("here"))]),
        [format!("cidr-collection-id-form refused {PATH}.CollectionId")]
    );
    // A collection that nobody uses may stay without blocks, and a document that cannot be read may hold any.
    assert_eq!(refused(&[ZONE, listed]), [""; 0]);
    assert_eq!(refused(&[ZONE, &record("here"), "{"]), ["truncated-json cannot $"]);
}

#[test]
fn blocks_of_list_cidr_blocks_belong_to_the_collection_that_is_said() {
    let listed = r#"{"CidrCollections": [{"Id": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "Name": "n"}]}"#;
    let blocks = r#"{"CidrBlocks": [{"CidrBlock": "192.0.2.0/24", "LocationName": "here"}]}"#;
    let record = record("here");
    let run = |id: Option<&str>| {
        let texts = [ZONE, listed, blocks, &record];
        let mut documents: Vec<_> = texts.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
        documents[2].cidr_collection_id = id.map(Into::into);
        refusals(&validate(&documents, &Options::default()))
    };
    assert_eq!(run(Some("c8c02a84-aaaa-bbbb-e0d2-d833a2f80106")), [""; 0]);
    assert_eq!(run(None), ["cidr-blocks-without-collection cannot $.CidrBlocks"]);
    let given = collection(&[("192.0.2.0/24", "here")]);
    assert_eq!(refusals(&of(&[ZONE, &given, &given])), ["cidr-collection-twice cannot $.CidrCollections[0]"]);
}

#[test]
fn quotas_are_warnings() {
    let blocks: Vec<_> = (0..1001).map(|n| (format!("10.{}.{}.0/24", n / 256, n % 256), "l")).collect();
    let blocks: Vec<_> = blocks.iter().map(|(block, location)| (block.as_str(), *location)).collect();
    assert_eq!(refusals(&of(&[ZONE, &collection(&blocks)])), ["cidr-blocks-quota refused? $.CidrCollections"]);
    let six: Vec<_> = (0..6).map(|n| format!(r#"{{"Id": "{n}"}}"#)).collect();
    let six = format!(r#"{{"CidrCollections": [{}]}}"#, six.join(","));
    assert_eq!(refusals(&of(&[ZONE, &six])), ["cidr-collections-quota refused? $.CidrCollections"]);
}

#[test]
fn what_could_not_be_read_is_not_missing() {
    for blocks in [r#"[7]"#, r#"[{"CidrBlock": 7, "LocationName": "a"}]"#] {
        let inside = format!(
            r#"{{"CidrCollections": [{{"Id": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "CidrBlocks": {blocks}}}]}}"#
        );
        assert_eq!(refusals(&of(&[ZONE, &inside])).len(), 1, "{inside}");
        let apart = format!(r#"{{"CidrBlocks": {blocks}}}"#);
        let mut documents = [parse(0, ZONE), parse(1, &apart)];
        documents[1].cidr_collection_id = Some("c8c02a84-aaaa-bbbb-e0d2-d833a2f80106".into());
        assert_eq!(refusals(&validate(&documents, &Options::default())).len(), 1, "{blocks}");
    }
    assert_eq!(refusals(&of(&[ZONE, r#"{"CidrCollections": [7]}"#])), ["wrong-type cannot $.CidrCollections[0]"]);
    let record = record("here");
    for collection in [
        r#"{"Id": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "CidrBlocks": 7}"#,
        r#"{"Id": 7}"#,
        r#"{"Id": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "CidrBlocks": [{"CidrBlock": "x"}]}"#,
    ] {
        let document = format!(r#"{{"CidrCollections": [{collection}]}}"#);
        assert_eq!(refusals(&of(&[ZONE, &document, &record])).len(), 1, "{collection}");
    }
}
