//! What must hold for any parameters and any customers.

use proptest::prelude::*;

use crate::models::*;

/// From 1e-4 to 1e4, evenly in logs.
fn parameter() -> impl Strategy<Value = f64> + Clone {
    (-4.0..4.0_f64).prop_map(|power| 10.0_f64.powf(power))
}

/// From 0.05 to 20, evenly in logs: as they are found in shops.
fn usual() -> impl Strategy<Value = f64> + Clone {
    (-1.3..1.3_f64).prop_map(|power| 10.0_f64.powf(power))
}

fn models(parameter: impl Strategy<Value = f64> + Clone) -> impl Strategy<Value = Box<dyn PurchaseModel>> {
    let four = (parameter.clone(), parameter.clone(), parameter.clone(), parameter);
    (0..4, four).prop_map(|(kind, (r, alpha, three, four))| -> Box<dyn PurchaseModel> {
        match kind {
            0 => Box::new(BgNbd { r, alpha, a: three, b: four }),
            1 => Box::new(MbgNbd { r, alpha, a: three, b: four }),
            2 => Box::new(Nbd { r, alpha }),
            _ => Box::new(ParetoNbd { r, alpha, s: three, beta: four }),
        }
    })
}

fn histories() -> impl Strategy<Value = History> {
    let repeaters = (1..6_000_u32, 0.0..1.0_f64, 0.0..1_000.0_f64);
    let repeaters = repeaters.prop_map(|(x, part, t_cal)| History { x, t_x: part * t_cal, t_cal });
    let last_day = (1..50_u32, 0.0..1_000.0_f64).prop_map(|(x, t)| History { x, t_x: t, t_cal: t });
    let once = (0.0..1_000.0_f64).prop_map(|t_cal| History { x: 0, t_x: 0.0, t_cal });
    prop_oneof![repeaters, last_day, once]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn probabilities_and_expectations_are_possible_at_every_edge(
        model in models(parameter()), history in histories(), t in 0.0..500.0_f64
    ) {
        let p_alive = model.p_alive(&history);
        prop_assert!((0.0..=1.0).contains(&p_alive), "{} {:?}", p_alive, history);
        let expected = model.expected_purchases_if_alive(history.x, history.t_cal, &[t, 2.0 * t]);
        prop_assert!(expected.iter().all(|expected| expected.is_finite() && *expected >= 0.0), "{:?}", expected);
        prop_assert!(expected[1] >= expected[0] * (1.0 - 1e-9), "{:?}", expected);
        let customers = Histories::new(vec![(history, 1)]).unwrap();
        prop_assert!(model.log_likelihood(&customers).is_finite());
    }

    #[test]
    fn the_longer_a_customer_is_silent_the_less_likely_they_live(
        model in models(usual()), x in 1..200_u32, t_x in 0.0..50.0_f64, silence in 0.0..50.0_f64
    ) {
        let soon = model.p_alive(&History { x, t_x, t_cal: t_x + silence });
        let late = model.p_alive(&History { x, t_x, t_cal: t_x + 2.0 * silence });
        prop_assert!(late <= soon + 1e-12, "{} {}", soon, late);
    }

    #[test]
    fn probabilities_of_numbers_add_up_to_1_and_have_the_expected_mean(
        model in models(usual()), t in 0.0..4.0_f64
    ) {
        let n_max = 600; // enough for most
        let probabilities = model.purchase_probabilities(n_max, t);
        prop_assert!(probabilities.iter().all(|p| (0.0..=1.0 + 1e-12).contains(p)));
        prop_assume!(probabilities[n_max as usize] < 1e-16);
        prop_assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let mean: f64 = (0..).zip(&probabilities).map(|(n, p)| f64::from(n) * p).sum();
        let expected = model.expected_purchases_of_new(&[t])[0];
        prop_assert!((mean - expected).abs() < 1e-8 * expected.max(1.0), "{} {}", mean, expected);
    }

    #[test]
    fn a_weight_is_that_many_customers_in_any_order(
        model in models(usual()), customers in prop::collection::vec((histories(), 1_u64..5), 1..20)
    ) {
        let weighted = Histories::new(customers.clone()).unwrap();
        let repeated = customers.iter().rev().flat_map(|&(h, count)| (0..count).map(move |_| (h, 1))).collect();
        let repeated = Histories::new(repeated).unwrap();
        prop_assert_eq!(weighted.patterns(), repeated.patterns());
        let (one, other) = (model.log_likelihood(&weighted), model.log_likelihood(&repeated));
        prop_assert_eq!(one.to_bits(), other.to_bits());
    }

    #[test]
    fn twice_the_time_brings_at_most_twice_the_purchases(
        model in models(usual()), t in 0.1..20.0_f64
    ) {
        let expected = model.expected_purchases_of_new(&[t, 2.0 * t]);
        prop_assert!(expected[0] <= expected[1] && expected[1] <= 2.0 * expected[0] * (1.0 + 1e-9), "{:?}", expected);
    }

    #[test]
    fn order_values_lie_between_the_customer_and_all(
        p in usual(), above in usual(), gamma in usual(), x in 0..5_000_u32, z in 0.01..1_000.0_f64
    ) {
        let model = GammaGamma { p, q: 1.0 + above, gamma };
        let all = model.expected_order_value(Spending { x: 0, z: 0.0 });
        let value = model.expected_order_value(Spending { x, z });
        let (low, high) = if x == 0 { (all, all) } else { (all.min(z), all.max(z)) };
        prop_assert!(value >= low * (1.0 - 1e-12) && value <= high * (1.0 + 1e-12), "{} {} {}", low, value, high);
    }

    #[test]
    fn donors_are_alive_with_a_probability_and_expected_at_most_once_per_opportunity(
        alpha in parameter(), beta in parameter(), gamma in parameter(), delta in parameter(),
        n in 0..400_u32, last in 0.0..1.0_f64, bought in 0.0..1.0_f64, ahead in 0..50_u32
    ) {
        let part = |of: u32, share: f64| (0..=of).rev().find(|&k| f64::from(k) <= share * f64::from(of)).unwrap_or(0);
        let t_x = part(n, last);
        let x = if t_x == 0 { 0 } else { part(t_x, bought).max(1) };
        let (model, pattern) = (BgBb { alpha, beta, gamma, delta }, Opportunities { n, x, t_x });
        let p_alive = model.p_alive(pattern, ahead);
        prop_assert!((0.0..=1.0).contains(&p_alive));
        let expected = model.expected_purchases(pattern, ahead);
        prop_assert!(expected >= 0.0 && expected <= f64::from(ahead) * (1.0 + 1e-9), "{}", expected);
        prop_assert!(model.log_likelihood(&[(pattern, 1)]) <= 1e-12);
    }
}
