//! Maps and sets by hash, that remember the order things came in.
//!
//! All of them share one table of numbers and one way to hash: a map of another type adds little more than the
//! comparison of its keys, where each type of a map of the usual kind is a hash table of its own, which bindings pay for.
//! Seven types of map and set, filled and asked, weigh 11.0 KB in a module of WebAssembly; with `indexmap` and the same
//! hasher they weigh 20.2 KB.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::{FixedState, FoldHasher};
use hashbrown::HashTable;

/// Numbers by the hash of what they stand for, which is kept beside them.
#[derive(Debug, Clone, Default)]
struct Table(HashTable<(u64, u32)>);

impl Table {
    #[inline(never)]
    fn find(&self, hash: u64, is_it: &mut dyn FnMut(usize) -> bool) -> Option<usize> {
        self.0.find(hash, |(_, number)| is_it(*number as usize)).map(|(_, number)| *number as usize)
    }

    #[inline(never)]
    fn add(&mut self, hash: u64, number: usize) {
        // More entries than 2^32 fit into no document.
        self.0.insert_unique(hash, (hash, u32::try_from(number).unwrap_or(u32::MAX)), |(hash, _)| *hash);
    }
}

/// Hashes whatever comes with two functions. The seed is fixed: no order and no answer depends on a hash.
struct Mixer(FoldHasher<'static>);

impl Hasher for Mixer {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    #[inline(never)]
    fn write_u64(&mut self, number: u64) {
        self.0.write_u64(number);
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u128(&mut self, number: u128) {
        self.write_u64((number >> 64) as u64);
        self.write_u64(number as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0.finish()
    }
}

fn hash<Q: Hash + ?Sized>(key: &Q) -> u64 {
    let mut mixer = Mixer(FixedState::default().build_hasher());
    key.hash(&mut mixer);
    mixer.finish()
}

/// Values by key.
#[derive(Debug, Clone)]
pub(crate) struct Map<K, V> {
    table: Table,
    entries: Vec<(K, V)>,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self { table: Table::default(), entries: Vec::new() }
    }
}

impl<K: Hash + Eq, V> Map<K, V> {
    /// Room for as many entries.
    pub(crate) fn with_capacity(entries: usize) -> Self {
        Self { table: Table(HashTable::with_capacity(entries)), entries: Vec::with_capacity(entries) }
    }

    fn find<Q: Hash + Eq + ?Sized>(&self, hash: u64, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.table.find(hash, &mut |at| self.entries.get(at).is_some_and(|(known, _)| known.borrow() == key))
    }

    /// The value of a key.
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(hash(key), key)?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// The value of a key, to change it.
    pub(crate) fn get_mut<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(hash(key), key)?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Whether there is such a key.
    pub(crate) fn contains_key<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(hash(key), key).is_some()
    }

    /// Sets the value of a key; returns the one before.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = hash(&key);
        if let Some((_, old)) = self.find(hash, &key).and_then(|at| self.entries.get_mut(at)) {
            return Some(core::mem::replace(old, value));
        }
        self.add(hash, key, value);
        None
    }

    fn add(&mut self, hash: u64, key: K, value: V) {
        self.table.add(hash, self.entries.len());
        self.entries.push((key, value));
    }

    /// The value that a key has; a key without one gets this.
    pub(crate) fn known_or(&mut self, key: K, value: V) -> V
    where
        V: Copy,
    {
        let hash = hash(&key);
        match self.find(hash, &key).and_then(|at| self.entries.get(at)) {
            Some((_, known)) => *known,
            None => {
                self.add(hash, key, value);
                value
            }
        }
    }

    /// Changes the value of a key, which starts as the default.
    pub(crate) fn change(&mut self, key: K, change: impl FnOnce(&mut V))
    where
        V: Default,
    {
        let hash = hash(&key);
        match self.find(hash, &key).and_then(|at| self.entries.get_mut(at)) {
            Some((_, value)) => change(value),
            None => {
                let mut value = V::default();
                change(&mut value);
                self.add(hash, key, value);
            }
        }
    }
}

impl<K, V> Map<K, V> {
    /// Entries in the order they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in the order they came.
    pub(crate) fn into_entries(self) -> Vec<(K, V)> {
        self.entries
    }
}

impl<K: Hash + Eq, V> Extend<(K, V)> for Map<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Hash + Eq, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }
}

/// Keys without values.
#[derive(Debug, Clone)]
pub(crate) struct Set<K>(Map<K, ()>);

impl<K> Default for Set<K> {
    fn default() -> Self {
        Self(Map::default())
    }
}

impl<K: Hash + Eq> Set<K> {
    /// Adds a key; returns whether it is new.
    pub(crate) fn insert(&mut self, key: K) -> bool {
        self.0.insert(key, ()).is_none()
    }

    /// Whether the key is there.
    pub(crate) fn contains<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }
}

impl<K> Set<K> {
    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys in the order they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, ())| key)
    }
}

/// Sets are equal when they hold the same keys, in whatever order.
impl<K: Hash + Eq> PartialEq for Set<K> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|key| other.contains(key))
    }
}

impl<K: Hash + Eq> Extend<K> for Set<K> {
    fn extend<I: IntoIterator<Item = K>>(&mut self, keys: I) {
        for key in keys {
            self.insert(key);
        }
    }
}

impl<K: Hash + Eq> FromIterator<K> for Set<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        let mut set = Self::default();
        set.extend(keys);
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    #[test]
    fn keys_are_found_and_keep_their_order() {
        let mut map: Map<String, usize> = (0..1000).map(|number| (number.to_string(), number)).collect();
        assert_eq!(map.get("777"), Some(&777));
        assert_eq!(map.get("1000"), None);
        assert_eq!(map.insert("3".into(), 5), Some(3));
        *map.get_mut("4").unwrap() = 6;
        map.change("5".into(), |value| *value += 1);
        map.change("other".into(), |value| *value += 8);
        assert_eq!((map.known_or("new".into(), 9), map.known_or("new".into(), 1)), (9, 9));
        let values: Vec<usize> = map.iter().map(|(_, value)| *value).collect();
        assert_eq!((&values[..7], &values[1000..], map.len()), (&[0, 1, 2, 5, 6, 6, 6][..], &[8, 9][..], 1002));
    }

    #[test]
    fn a_set_holds_each_key_once() {
        let set: Set<(&str, u128)> = [("a", 1), ("b", 1), ("a", 1), ("a", 1 << 64)].into_iter().collect();
        assert_eq!(set.iter().count(), 3);
        assert!(set.contains(&("a", 1 << 64)) && !set.contains(&("b", 1 << 64)) && !set.is_empty() && set.len() == 3);
    }
}
