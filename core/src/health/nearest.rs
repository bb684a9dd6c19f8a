//! What somebody may have meant: the known word that is nearest to an unknown one.

use alloc::vec::Vec;

/// The word of fewest edits away, if it is at most a third of the given one's length; of equals the first.
pub(super) fn nearest<'w>(given: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let given = given.trim_end_matches('.').to_ascii_lowercase();
    let most = given.len().div_ceil(3);
    let mut best: Option<(usize, &str)> = None;
    for word in words {
        let known = word.trim_end_matches('.').to_ascii_lowercase();
        let limit = best.map_or(most, |(edits, _)| edits.saturating_sub(1));
        if known.len().abs_diff(given.len()) > limit {
            continue;
        }
        if let Some(edits) = edits(given.as_bytes(), known.as_bytes(), limit) {
            best = Some((edits, word));
        }
    }
    best.map(|(_, word)| word)
}

/// How many bytes must be put in, taken out or replaced; `None` for more than `most`.
fn edits(one: &[u8], other: &[u8], most: usize) -> Option<usize> {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, byte) in one.iter().enumerate() {
        let mut diagonal = line;
        let mut left = line.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        let mut least = left;
        for (cell, theirs) in row.iter_mut().skip(1).zip(other) {
            let replaced = diagonal.saturating_add(usize::from(byte != theirs));
            diagonal = *cell;
            *cell = replaced.min(left.saturating_add(1)).min(diagonal.saturating_add(1));
            left = *cell;
            least = least.min(left);
        }
        if least > most {
            return None;
        }
    }
    row.last().copied().filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted_up_to_a_limit() {
        for (one, other, wanted) in [("", "", 0), ("abc", "abd", 1), ("kitten", "sitting", 3), ("abc", "", 3)] {
            assert_eq!(edits(one.as_bytes(), other.as_bytes(), 9), Some(wanted), "{one} {other}");
        }
        assert_eq!(edits(b"kitten", b"sitting", 2), None);
    }

    #[test]
    fn the_nearest_word_is_one_that_may_have_been_meant() {
        let words = ["hc-east", "hc-west", "lb-1.us-east-1.elb.amazonaws.com."];
        assert_eq!(nearest("hc-eats", words.into_iter()), Some("hc-east"));
        assert_eq!(nearest("HC-West.", words.into_iter()), Some("hc-west"));
        assert_eq!(nearest("database", words.into_iter()), None);
    }
}
