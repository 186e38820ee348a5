//! Everything that is made of the days of every customer, in one walk over them.
//!
//! Does not live here: each of the parts (a file each), and how days are gathered (`customers::orders`).

use super::calendar::Period;
use super::cohorts::Cohorts;
use super::evaluation::Outcome;
use super::grid::{GridCourse, Grids};
use super::health::{Health, HealthDates};
use super::ladder::Ladder;
use super::rhythm::Rhythm;
use crate::customers::orders::{OrderDay, Orders};
use crate::error::Result;

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Health on these dates.
    pub health: Option<HealthDates>,
    /// The grid on dates.
    pub grid: Option<GridCourse>,
    /// The loyalty ladder.
    pub ladder: bool,
    /// Cohorts by this period.
    pub cohorts: Option<Period>,
    /// The own rhythm of each customer.
    pub rhythms: bool,
    /// What each customer did in so many days up to the analysis date.
    pub last_days: Option<u32>,
}

impl Wanted {
    /// Whether anything is asked for that the days of every customer are needed for.
    #[must_use]
    pub const fn reads_orders(&self) -> bool {
        self.health.is_some() || self.ladder || self.cohorts.is_some() || self.rhythms || self.last_days.is_some()
    }
}

/// What the days of customers come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FromDays {
    /// Health.
    pub health: Option<Health>,
    /// The grid.
    pub grids: Option<Grids>,
    /// The loyalty ladder.
    pub ladder: Option<Ladder>,
    /// Cohorts.
    pub cohorts: Option<Cohorts>,
    /// Per row of the customers table their rhythm; empty unless asked for.
    pub rhythms: Vec<Rhythm>,
    /// Per row of the customers table what they did in the last days; empty unless asked for.
    pub recent: Vec<Outcome>,
}

/// What the days of some customers come to.
#[derive(Default)]
struct Part {
    sums: Option<FromDays>,
    rhythms: Vec<(u32, Rhythm)>,
    recent: Vec<(u32, Outcome)>,
    space: Vec<u32>,
}

impl FromDays {
    /// Looks at the days of every customer up to `as_of`, whatever the window, on `threads` threads. The customers table has
    /// `customers` rows.
    ///
    /// # Errors
    /// As [`Orders::visit`].
    pub fn gather(orders: &mut Orders, wanted: &Wanted, customers: usize, as_of: i32, threads: usize) -> Result<Self> {
        let mut found = Self::of(wanted, as_of);
        if wanted.rhythms {
            found.rhythms = vec![Rhythm::default(); customers];
        }
        if wanted.last_days.is_some() {
            found.recent = vec![Outcome::default(); customers];
        }
        let note = |part: &mut Part, row: Option<u32>, days: &[OrderDay]| {
            part.sums.get_or_insert_with(|| Self::of(wanted, as_of)).note(days);
            let Some(row) = row else { return };
            if wanted.rhythms {
                part.rhythms.push((row, Rhythm::of(days, as_of, &mut part.space)));
            }
            if let Some(last) = wanted.last_days {
                part.recent.push((row, Outcome::of(days, as_of.saturating_sub_unsigned(last), as_of)));
            }
        };
        orders.visit(threads, note, |part: Part| found.take(part))?;
        Ok(found)
    }

    fn of(wanted: &Wanted, as_of: i32) -> Self {
        Self {
            health: wanted.health.clone().map(Health::new),
            grids: wanted.grid.clone().map(Grids::new),
            ladder: wanted.ladder.then(|| Ladder::new(as_of)),
            cohorts: wanted.cohorts.map(|by| Cohorts::new(by, as_of)),
            ..Self::default()
        }
    }

    fn note(&mut self, days: &[OrderDay]) {
        if let Some(health) = &mut self.health {
            health.note(days);
        }
        if let Some(grids) = &mut self.grids {
            grids.note(days);
        }
        if let Some(ladder) = &mut self.ladder {
            ladder.note(days);
        }
        if let Some(cohorts) = &mut self.cohorts {
            cohorts.note(days);
        }
    }

    fn take(&mut self, part: Part) {
        let Part { sums, rhythms, recent, .. } = part;
        for (row, rhythm) in rhythms {
            self.rhythms[row as usize] = rhythm;
        }
        for (row, outcome) in recent {
            self.recent[row as usize] = outcome;
        }
        let Some(sums) = sums else { return };
        if let (Some(own), Some(others)) = (&mut self.health, &sums.health) {
            own.add(others);
        }
        if let (Some(own), Some(others)) = (&mut self.grids, &sums.grids) {
            own.add(others);
        }
        if let (Some(own), Some(others)) = (&mut self.ladder, sums.ladder) {
            own.add(others);
        }
        if let (Some(own), Some(others)) = (&mut self.cohorts, sums.cohorts) {
            own.add(others);
        }
    }

    /// Follows the customers into another order: `order` holds the old row of each new row.
    pub fn reorder(&mut self, order: &[u32]) {
        if !self.rhythms.is_empty() {
            self.rhythms = order.iter().map(|row| self.rhythms[*row as usize]).collect();
        }
        if !self.recent.is_empty() {
            self.recent = order.iter().map(|row| self.recent[*row as usize]).collect();
        }
    }
}
