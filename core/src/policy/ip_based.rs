//! IP-based: the location of the longest block that contains the client's network (4.7).

use super::{Choice, first_healthy};

/// Picks the first healthy member, from the longest block to the default, else the longest (10.9); `None` without
/// candidates.
pub(crate) fn choose(
    long_to_short: impl Iterator<Item = u32> + Clone,
    default: Option<u32>,
    is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice> {
    first_healthy(long_to_short.chain(default), is_healthy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_then_wider_then_default() {
        let blocks = || [3, 1].into_iter();
        assert_eq!(choose(blocks(), Some(9), |_| true).unwrap().member, 3);
        assert_eq!(choose(blocks(), Some(9), |member| member == 9).unwrap().member, 9);
        assert_eq!(choose(blocks(), Some(9), |_| false), Some(Choice { member: 3, fail_open: true }));
        assert_eq!(choose(core::iter::empty(), None, |_| true), None);
    }
}
