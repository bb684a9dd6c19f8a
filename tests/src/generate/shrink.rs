//! The smallest world that still shows what a large one showed.

use serde_json::Value;

/// Takes parts away from some JSON as long as `fails` still holds of what is left: elements of lists and members of
/// objects, large ones first, until nothing more can go.
///
/// ```
/// use pointsman_tests::generate::shrink::smallest;
/// use serde_json::json;
/// let large = json!({"a": [1, 2, 3], "b": {"c": 4}});
/// assert_eq!(smallest(&large, &mut |value| value["a"].to_string().contains('2')), json!({"a": [2]}));
/// ```
pub fn smallest(value: &Value, fails: &mut dyn FnMut(&Value) -> bool) -> Value {
    let mut value = value.clone();
    loop {
        let mut paths = Vec::new();
        list_paths(&value, &mut Vec::new(), &mut paths);
        let smaller = paths.iter().find_map(|path| {
            let candidate = without(&value, path)?;
            fails(&candidate).then_some(candidate)
        });
        match smaller {
            Some(smaller) => value = smaller,
            None => return value,
        }
    }
}

/// A step into a value: its nth element or member.
type Path = Vec<usize>;

/// Every path, those of whole values before those of their parts.
fn list_paths(value: &Value, at: &mut Path, paths: &mut Vec<Path>) {
    let parts: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => Vec::new(),
    };
    for number in 0..parts.len() {
        at.push(number);
        paths.push(at.clone());
        at.pop();
    }
    for (number, part) in parts.into_iter().enumerate() {
        at.push(number);
        list_paths(part, at, paths);
        at.pop();
    }
}

/// The value without the part at a path.
fn without(value: &Value, path: &[usize]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    match value {
        Value::Array(list) => {
            let mut list = list.clone();
            if rest.is_empty() {
                list.remove(*first);
            } else {
                list[*first] = without(&list[*first], rest)?;
            }
            Some(Value::Array(list))
        }
        Value::Object(map) => {
            let mut map = map.clone();
            let key = map.keys().nth(*first)?.clone();
            if rest.is_empty() {
                map.remove(&key);
            } else {
                let part = without(&map[&key], rest)?;
                map.insert(key, part);
            }
            Some(Value::Object(map))
        }
        _ => None,
    }
}
