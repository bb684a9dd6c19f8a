//! Writes small MaxMind DB files: IPv4 networks of 24 bits, records of 32 bits.

/// A value of the data section.
#[derive(Clone)]
pub(crate) enum Value {
    /// UTF-8 text.
    Text(String),
    /// A double.
    Double(f64),
    /// Unsigned, of 16, 32 or 64 bits.
    Number(usize, u64),
    /// Keys and values.
    Map(Vec<(String, Value)>),
    /// Values.
    Array(Vec<Value>),
}

impl Value {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn map<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Map(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => {
                control(2, text.len(), out);
                out.extend(text.as_bytes());
            }
            Self::Double(number) => {
                control(3, 8, out);
                out.extend(number.to_be_bytes());
            }
            Self::Number(bits, number) => {
                let kind = match bits {
                    16 => 5,
                    32 => 6,
                    _ => 9,
                };
                control(kind, bits / 8, out);
                out.extend(&number.to_be_bytes()[8 - bits / 8..]);
            }
            Self::Map(members) => {
                control(7, members.len(), out);
                for (key, value) in members {
                    Self::text(key).write(out);
                    value.write(out);
                }
            }
            Self::Array(elements) => {
                control(11, elements.len(), out);
                elements.iter().for_each(|element| element.write(out));
            }
        }
    }
}

/// Type and size; no size here reaches 285.
fn control(kind: u8, size: usize, out: &mut Vec<u8>) {
    let short = size.min(29) as u8;
    if kind < 8 {
        out.push((kind << 5) | short);
    } else {
        out.extend([short, kind - 7]);
    }
    if size >= 29 {
        out.push((size - 29) as u8);
    }
}

/// The file for some networks, each given by its first three bytes.
pub(crate) fn write(database_type: &str, networks: &[([u8; 3], Value)]) -> Vec<u8> {
    let mut data = Vec::new();
    // A node is two records; `None` is filled in when the number of nodes is known.
    let mut nodes: Vec<[Record; 2]> = vec![[Record::Nothing; 2]];
    for (network, value) in networks {
        let offset = data.len();
        value.write(&mut data);
        let bits = u32::from_be_bytes([0, network[0], network[1], network[2]]);
        let mut at = 0;
        for bit in (0..24).rev() {
            let side = (bits >> bit & 1) as usize;
            if bit == 0 {
                nodes[at][side] = Record::Data(offset);
            } else if let Record::Node(next) = nodes[at][side] {
                at = next;
            } else {
                nodes.push([Record::Nothing; 2]);
                let next = nodes.len() - 1;
                nodes[at][side] = Record::Node(next);
                at = next;
            }
        }
    }
    let count = nodes.len();
    let mut file = Vec::new();
    for record in nodes.into_iter().flatten() {
        let number = match record {
            Record::Nothing => count,
            Record::Node(node) => node,
            Record::Data(offset) => count + 16 + offset,
        };
        file.extend((number as u32).to_be_bytes());
    }
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    Value::map([
        ("binary_format_major_version", Value::Number(16, 2)),
        ("binary_format_minor_version", Value::Number(16, 0)),
        ("build_epoch", Value::Number(64, 0)),
        ("database_type", Value::text(database_type)),
        ("description", Value::map([])),
        ("ip_version", Value::Number(16, 4)),
        ("languages", Value::Array(Vec::new())),
        ("node_count", Value::Number(32, count as u64)),
        ("record_size", Value::Number(16, 32)),
    ])
    .write(&mut file);
    file
}

#[derive(Clone, Copy)]
enum Record {
    Nothing,
    Node(usize),
    Data(usize),
}
