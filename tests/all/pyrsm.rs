//! Sequential and independent quintiles as pyrsm 1.4.0 gives them, from the shared folder: without it, this says so and passes.

use polars::prelude::{Column, DataType};

use crate::support::{Sandbox, day, frame, integers, read_parquet, shared};

/// pyrsm's teaching case, made into orders: `purch` orders of 1 on the day `last` days before the analysis date.
#[test]
fn sequential_and_independent_quintiles_are_those_of_pyrsm() {
    let Some(shared) = shared() else { return };
    let given = read_parquet(&shared.join("data/pyrsm_dvd.parquet"));
    let as_of = day("2024-12-31");
    let (mut ids, mut days) = (Vec::new(), Vec::new());
    let counts = integers(&given, "purch").into_iter().zip(integers(&given, "last"));
    for (id, (purchases, last)) in integers(&given, "customer_id").into_iter().zip(counts) {
        ids.extend(std::iter::repeat_n(id, purchases as usize));
        days.extend(std::iter::repeat_n(as_of - last as i32, purchases as usize));
    }
    let days = Column::new("order_ts".into(), days).cast(&DataType::Date).unwrap();
    let amounts = Column::new("amount".into(), vec![1.0; ids.len()]);
    let sandbox = Sandbox::with(frame(vec![Column::new("customer_id".into(), ids), days, amounts]));
    let args = ["--as-of", "2024-12-31", "--map", "abc"];
    let expected = read_parquet(&shared.join("expected/pyrsm/dvd__customers.parquet"));
    for (combination, frequency) in [("independent", "f_iq"), ("nested", "f_sq")] {
        let set = format!("score.combination={combination}");
        let customers = sandbox.run(&[&args[..], &["--set", &set]].concat()).table("customers");
        assert_eq!(integers(&customers, "customer_id"), integers(&expected, "customer_id"));
        assert_eq!(integers(&customers, "r_score"), integers(&expected, "r_iq"), "{combination}");
        assert_eq!(integers(&customers, "f_score"), integers(&expected, frequency), "{combination}");
    }
}
