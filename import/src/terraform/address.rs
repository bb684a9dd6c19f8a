//! Terraform's addresses, such as `module.dns["eu"].aws_route53_record.www[0]`.

use std::borrow::Cow;

/// Splits at the first dot that is not in a key's brackets.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let (mut in_key, mut in_quotes, mut escaped) = (false, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' if in_key => in_quotes = !in_quotes,
            '[' if !in_quotes => in_key = true,
            ']' if !in_quotes => in_key = false,
            '.' if !in_key => return Some((text.get(..at)?, text.get(at..)?.strip_prefix('.')?)),
            _ => {}
        }
    }
    None
}

/// A last part without its key: `a.b["x"]` gives `a.b`.
pub(super) fn without_key(text: &str) -> &str {
    if !text.ends_with(']') {
        return text;
    }
    let mut start = 0;
    while let Some((part, _)) = text.get(start..).and_then(split) {
        start = start.saturating_add(part.len()).saturating_add(1);
    }
    let last = text.get(start..).and_then(|last| last.find('[')).unwrap_or(0);
    text.get(..start.saturating_add(last)).unwrap_or(text)
}

/// A module's address without the keys of its calls: `module.a["x"].module.b.` gives `module.a.module.b.`.
pub(super) fn without_keys(module: &str) -> Cow<'_, str> {
    if !module.contains('[') {
        return Cow::Borrowed(module);
    }
    let (mut address, mut rest) = (String::new(), module);
    while let Some((part, tail)) = split(rest) {
        address.push_str(without_key(part));
        address.push('.');
        rest = tail;
    }
    Cow::Owned(address)
}

/// The caller's module and the call of a module address: `module.a.module.b["x"].` gives `module.a.` and `b["x"]`.
pub(super) fn parent(module: &str) -> Option<(&str, &str)> {
    let module = module.strip_suffix('.')?;
    let mut call = 0;
    while let Some((first, rest)) = module.get(call..).and_then(split) {
        let (name, _) = split(rest).unwrap_or((rest, ""));
        let next = call.saturating_add(first.len()).saturating_add(name.len()).saturating_add(2);
        if next >= module.len() {
            return Some((module.get(..call)?, rest));
        }
        call = next;
    }
    None
}
