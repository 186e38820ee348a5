//! What a segment map brings: the bins and methods that it is made for, on every axis that is not configured.
//!
//! What is configured stays, and where it does not fit the map the run is refused later. Does not live here: the maps
//! (`segment`), and whether a map fits (`scoring`).

use std::collections::BTreeSet;

use super::Config;
use crate::score::options::{Method, PARETO_SHARE, ScoreOptions};
use crate::segment::options::OctantsOf;
use crate::segment::{self, OCTANTS, SegmentMap};
use crate::source::options::{Grain, WindowAppliesTo};

/// Which settings of the axes were given, and which the map brought. How settings came about does not tell two
/// configurations apart.
#[derive(Debug, Clone, Default)]
pub struct MapFit {
    /// The keys that a file, the environment or a flag gave.
    pub(super) given: BTreeSet<String>,
    /// The keys whose values are those of the map.
    pub(super) brought: BTreeSet<String>,
}

impl PartialEq for MapFit {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The settings of one axis that a map can bring.
struct Axis<'a> {
    section: &'static str,
    method: &'a mut Method,
    bins: &'a mut u32,
    cuts: &'a mut Vec<f64>,
    share: &'a mut f64,
}

/// The axes in the order of a map's bins: recency, frequency, monetary, value.
fn axes(score: &mut ScoreOptions) -> [Axis<'_>; 4] {
    let ScoreOptions { recency, frequency, monetary, value, .. } = score;
    macro_rules! axis {
        ($section:literal, $axis:ident) => {
            Axis {
                section: $section,
                method: &mut $axis.method,
                bins: &mut $axis.bins,
                cuts: &mut $axis.cuts,
                share: &mut $axis.share,
            }
        };
    }
    [
        axis!("score.recency", recency),
        axis!("score.frequency", frequency),
        axis!("score.monetary", monetary),
        axis!("score.value", value),
    ]
}

/// Bins of an axis where nothing else is said.
const DEFAULT_BINS: u32 = 5;

impl Axis<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.section)
    }

    /// Back to the defaults, for what a map had brought.
    fn unfit(&mut self, brought: &BTreeSet<String>) {
        if brought.contains(&self.key("bins")) {
            *self.bins = DEFAULT_BINS;
        }
        if brought.contains(&self.key("method")) {
            (*self.method, *self.share) = (Method::default(), PARETO_SHARE);
            self.cuts.clear();
        }
    }

    /// Takes the bins of the map where none are given, and its method where the axis has neither.
    fn fit(&mut self, bins: u32, method: Option<Cutting>, fit: &mut MapFit) {
        let (bins_key, method_key) = (self.key("bins"), self.key("method"));
        let has_bins = fit.given.contains(&bins_key) || *self.bins != DEFAULT_BINS;
        let has_cuts = fit.given.contains(&self.key("cuts")) || !self.cuts.is_empty();
        let has_method = fit.given.contains(&method_key) || *self.method != Method::default() || has_cuts;
        if !has_bins && *self.bins != bins {
            *self.bins = bins;
            fit.brought.insert(bins_key);
        }
        let Some(Cutting { method, cuts, share }) = method.filter(|_| !has_bins && !has_method) else { return };
        if method != *self.method {
            (*self.method, *self.cuts, *self.share) = (method, cuts, share);
            fit.brought.insert(method_key);
        }
    }
}

/// How an axis is cut.
struct Cutting {
    method: Method,
    cuts: Vec<f64>,
    share: f64,
}

impl Config {
    /// Gives every axis that is not configured the bins and the method that the segment map is made for. A map that cannot
    /// be read brings nothing; the run says so when it needs it.
    pub fn fit_to_map(&mut self) {
        self.unfit();
        let read = |path: &str| std::fs::read_to_string(path).map_err(|_| segment::unknown_map(path));
        let Ok(map) = segment::load(&self.segment.map, read) else { return };
        // Octants of scores work with any number of bins.
        let is_octants = self.segment.map == OCTANTS;
        if is_octants && self.octants.of == OctantsOf::Scores {
            return;
        }
        let cuttings = [0, 1, 2, 3].map(|axis| self.cutting(&map, axis));
        for ((axis, bins), cutting) in axes(&mut self.score).iter_mut().zip(map.bins).zip(cuttings) {
            if let Some(bins) = bins {
                axis.fit(bins, cutting, &mut self.map_fit);
            }
        }
    }

    /// Takes back what a map has brought.
    pub(super) fn unfit(&mut self) {
        let brought = std::mem::take(&mut self.map_fit.brought);
        for axis in &mut axes(&mut self.score) {
            axis.unfit(&brought);
        }
    }

    /// How the map wants an axis to be cut; that of the octants as `[octants]` says, so that segment and octant agree.
    fn cutting(&self, map: &SegmentMap, axis: usize) -> Option<Cutting> {
        if self.segment.map == OCTANTS {
            let options = &self.octants;
            let cuts = (axis < 3).then(|| options.cut(axis)).flatten().into_iter().collect();
            return Some(Cutting { method: options.threshold.method(), cuts, share: options.share });
        }
        let method = map.methods[axis].as_deref().and_then(Method::of_name)?;
        Some(Cutting { method, cuts: Vec::new(), share: PARETO_SHARE })
    }

    /// Whether customers can have no order in the window.
    #[must_use]
    pub fn may_lack_orders(&self) -> bool {
        self.dates.window_days.is_some() && self.dates.window_applies_to == WindowAppliesTo::FrequencyAndMoney
    }

    /// Whether customers can be without an order at all: a table of them may say so of some.
    #[must_use]
    pub fn may_have_none(&self) -> bool {
        self.may_lack_orders() || self.input.grain == Grain::Customers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Measure;

    fn fitted(text: &str) -> Config {
        let mut config: Config = toml::from_str(text).unwrap();
        config.fit_to_map();
        config
    }

    fn of(config: &Config) -> [(Method, u32); 3] {
        let ScoreOptions { recency, frequency, monetary, .. } = &config.score;
        [(recency.method, recency.bins), (frequency.method, frequency.bins), (monetary.method, monetary.bins)]
    }

    #[test]
    fn a_map_brings_bins_and_methods_where_nothing_is_configured() {
        assert_eq!(of(&fitted("")), [(Method::Quantile, 5); 3]);
        assert_eq!(of(&fitted("[segment]\nmap = 'pymc'")), [(Method::Quantile, 4); 3]);
        assert_eq!(of(&fitted("[segment]\nmap = 'four_class'")), [(Method::Mean, 2); 3]);
        let core = fitted("[segment]\nmap = 'core'");
        assert_eq!((core.score.value.method, core.score.value.bins), (Method::Pareto, 2));
        let part = fitted("[segment]\nmap = 'rmf4'\n[score.recency]\nmethod = 'median'\n[score.monetary]\nbins = 3");
        assert_eq!(of(&part), [(Method::Median, 2), (Method::Mean, 2), (Method::Quantile, 3)]);
        assert_eq!(of(&fitted("[segment]\nmap = 'nowhere.toml'")), [(Method::Quantile, 5); 3]);
    }

    #[test]
    fn what_a_map_has_brought_goes_away_with_it() {
        let mut config = fitted("[segment]\nmap = 'four_class'");
        config.segment.map = "rf25".to_owned();
        config.fit_to_map();
        assert_eq!(of(&config), [(Method::Quantile, 5); 3]);
    }

    #[test]
    fn the_map_of_the_octants_takes_their_threshold() {
        assert_eq!(of(&fitted("[segment]\nmap = 'octants'")), [(Method::Mean, 2); 3]);
        let median = fitted("[segment]\nmap = 'octants'\n[octants]\nthreshold = 'median'");
        assert_eq!(of(&median), [(Method::Median, 2); 3]);
        let given =
            "[segment]\nmap = 'octants'\n[octants]\nthreshold = 'given'\nrecency = 30\nfrequency = 2\nmonetary = 9.5";
        let given = fitted(given);
        assert_eq!(of(&given), [(Method::Fixed, 2); 3]);
        assert_eq!((&given.score.recency.cuts[..], &given.score.monetary.cuts[..]), (&[29.0][..], &[9.5][..]));
        let pareto = fitted("[segment]\nmap = 'octants'\n[octants]\nthreshold = 'pareto'\nshare = 0.7");
        let [recency, frequency, _] = pareto.own_scoring().axes();
        assert_eq!((recency.weight, recency.share, frequency.share), (Some(Measure::Revenue), 0.7, 0.7));
        let of_scores = fitted("[segment]\nmap = 'octants'\n[octants]\nof = 'scores'");
        assert_eq!(of(&of_scores), [(Method::Quantile, 5); 3]);
    }

    #[test]
    fn a_further_scoring_has_the_bins_of_its_own_map() {
        let config = fitted(
            "[segment]\nmap = 'four_class'\n[[scoring]]\nname = 'plain'\nsegment.map = 'rf25'\n[[scoring]]\nname = 'q'\n\
             segment.map = 'pymc'\n[[scoring]]\nname = 'same'\n[[scoring]]\nname = 'cut'\nsegment.map = 'pymc'\n\
             score.recency.bins = 5\n",
        );
        let scorings = config.scorings().unwrap();
        let bins: Vec<[u32; 3]> = scorings.iter().map(|settings| settings.axes().map(|axis| axis.bins)).collect();
        assert_eq!(bins, [[2; 3], [5; 3], [4; 3], [2; 3], [5, 4, 4]]);
    }
}
