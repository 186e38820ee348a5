//! A list that grows without moving what it holds.
//!
//! There are thousands of such lists in a fold, and together they are most of its memory. A vector that doubles copies
//! everything it holds again and again, and leaves a third of its room empty; here an element is written once.

use std::ops::{Index, IndexMut};

/// Elements of one chunk.
const CHUNK: usize = 512;

/// The list. All chunks but the last are full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunks<T> {
    chunks: Vec<Vec<T>>,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<T> Chunks<T> {
    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chunks.last().map_or(0, |last| (self.chunks.len() - 1) * CHUNK + last.len())
    }

    /// True where there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Adds an element at the end.
    #[inline]
    pub fn push(&mut self, element: T) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => last.push(element),
            _ => self.push_to_new(element),
        }
    }

    /// The first chunk grows as vectors do, lest thousands of short lists take room for long ones.
    #[cold]
    fn push_to_new(&mut self, element: T) {
        let mut chunk = Vec::with_capacity(if self.chunks.is_empty() { 4 } else { CHUNK });
        chunk.push(element);
        self.chunks.push(chunk);
    }

    /// The element at `place`, if there is one.
    #[inline]
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    /// The element at `place`, if there is one, to be changed.
    #[inline]
    #[must_use]
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.chunks.get_mut(place / CHUNK)?.get_mut(place % CHUNK)
    }

    /// The elements in their order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }
}

impl<T> Index<usize> for Chunks<T> {
    type Output = T;

    #[inline]
    fn index(&self, place: usize) -> &T {
        &self.chunks[place / CHUNK][place % CHUNK]
    }
}

impl<T> IndexMut<usize> for Chunks<T> {
    #[inline]
    fn index_mut(&mut self, place: usize) -> &mut T {
        &mut self.chunks[place / CHUNK][place % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stand_where_they_were_put() {
        for count in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7] {
            let mut list = Chunks::default();
            (0..count).for_each(|n| list.push(n));
            assert_eq!((list.len(), list.is_empty()), (count, count == 0));
            assert!(list.iter().copied().eq(0..count), "{count}");
            assert!((0..count).all(|n| list[n] == n && list.get(n) == Some(&n)), "{count}");
            assert_eq!(list.get(count), None);
        }
    }

    #[test]
    fn an_element_can_be_replaced() {
        let mut list = Chunks::default();
        (0..2 * CHUNK).for_each(|n| list.push(n));
        list[CHUNK] = 7;
        assert_eq!((list[CHUNK - 1], list[CHUNK], list[CHUNK + 1]), (CHUNK - 1, 7, CHUNK + 1));
    }
}
