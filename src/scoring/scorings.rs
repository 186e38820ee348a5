//! All scorings of a run: its own and the further ones, at whatever stage.
//!
//! Does not live here: what a scoring is.

/// One `T` for the run's own scoring and one for each further one, in the order of the settings: there is always one.
#[derive(Debug, Clone)]
pub struct Scorings<T> {
    /// That of `[score]` and `[segment]`.
    pub own: T,
    /// Those of `[[scoring]]`.
    pub further: Vec<T>,
}

impl<T> Scorings<T> {
    /// Only the run's own.
    #[must_use]
    pub const fn alone(own: T) -> Self {
        Self { own, further: Vec::new() }
    }

    /// All of them, the run's own first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.own).chain(&self.further)
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        1 + self.further.len()
    }

    /// Another value for each, in their order.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Scorings<U> {
        Scorings { own: change(self.own), further: self.further.into_iter().map(change).collect() }
    }

    /// As [`Self::map`], as far as it succeeds.
    ///
    /// # Errors
    /// The first that `change` returns.
    pub fn try_map<U, E>(self, mut change: impl FnMut(T) -> Result<U, E>) -> Result<Scorings<U>, E> {
        Ok(Scorings {
            own: change(self.own)?,
            further: self.further.into_iter().map(change).collect::<Result<_, _>>()?,
        })
    }
}
