//! Searches that begin on a sample: they end where a search on all ends, and what a sample rules out is behind on all, too.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution as _, Exp, Gamma};

use crate::models::purchases::purchase_model::Prepared;
use crate::models::*;

/// Customers in days who may leave at once, as in MBG/NBD: their distinct histories are more than a search takes at first.
fn many() -> Histories {
    let mut random = ChaCha8Rng::seed_from_u64(12);
    let (rates, dropouts) = (Gamma::new(1.1, 1.0 / 30.0).unwrap(), Beta::new(0.7, 4.0).unwrap());
    let customer = |_| {
        let (rate, p): (f64, f64) = (rates.sample(&mut random), dropouts.sample(&mut random));
        let t_cal = f64::from(random.random_range(100..900_u32));
        let waits = Exp::new(rate.max(1e-9)).unwrap();
        let (mut x, mut t_x) = (0, 0.0);
        while random.random::<f64>() >= p {
            let next = t_x + 1.0 + f64::floor(waits.sample(&mut random));
            if next > t_cal {
                break;
            }
            (x, t_x) = (x + 1, next);
        }
        (History { x, t_x, t_cal }, 1)
    };
    Histories::new((0..110_000).map(customer).collect()).unwrap()
}

#[test]
fn searches_that_begin_on_a_sample_end_where_those_on_all_end() {
    let histories = many();
    assert!(histories.patterns().len() > 60_000, "{}", histories.patterns().len());
    let prepared = Prepared::new(&histories).unwrap();
    assert!(prepared.sample.is_some());
    let alone = Prepared { sample: None, ..Prepared::new(&histories).unwrap() };
    let found = prepared.finish::<MbgNbd>(&prepared.start::<MbgNbd>().unwrap()).unwrap();
    let expected = alone.finish::<MbgNbd>(&alone.start::<MbgNbd>().unwrap()).unwrap();
    assert!((found.log_likelihood - expected.log_likelihood).abs() < 1e-6, "{found:?} {expected:?}");
    for (found, expected) in found.estimates.iter().zip(&expected.estimates) {
        assert!((found.value / expected.value - 1.0).abs() < 1e-6, "{found:?} {expected:?}");
    }
    let pareto = prepared.finish::<ParetoNbd>(&prepared.start::<ParetoNbd>().unwrap());
    let expected = alone.finish::<ParetoNbd>(&alone.start::<ParetoNbd>().unwrap());
    match (pareto, expected) {
        (Ok(found), Ok(expected)) => assert!((found.log_likelihood - expected.log_likelihood).abs() < 1e-6),
        (found, expected) => assert_eq!(found.is_ok(), expected.is_ok(), "{found:?} {expected:?}"),
    }

    // BG/NBD, in which nobody leaves at once, is far behind, and is not fitted on all; it would be behind there, too.
    let choice = choose(&histories, &Candidate::IN_CONTINUOUS_TIME);
    assert_eq!(choice.chosen, Some(Candidate::MbgNbd));
    let (_, unfit) = choice.unfit.iter().find(|(candidate, _)| *candidate == Candidate::BgNbd).unwrap();
    let Unfit::RuledOut { bic_difference, standard_error, .. } = unfit else { panic!("{unfit}") };
    let behind = BgNbd::fit(&histories).unwrap().bic() - expected_bic(&choice);
    assert!((behind - bic_difference).abs() < 4.0 * standard_error + 20.0, "{behind} {unfit}");
    assert!(behind > 0.0, "{behind} {unfit}");
}

fn expected_bic(choice: &Choice) -> f64 {
    choice.chosen_fit().unwrap().bic()
}
