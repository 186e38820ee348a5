//! Fits BG/NBD (Fader, Hardie, Lee 2005) on made-up purchase histories, and predicts one customer.
//!
//! A history is the triple of repeat purchases x, time of the last purchase `t_x`, and time observed T, here in weeks.
//!
//! `cargo run --release --example fit_bg_nbd`
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use rfmetrics::Error;
use rfmetrics::models::{BgNbd, Histories, History, PurchaseModel};

fn main() -> Result<(), Error> {
    let customer = |x: u32, t_x: f64, t_cal: f64| History { x, t_x, t_cal };
    let customers = (0..2_000_u32).map(|i| match i % 5 {
        0 | 1 => customer(0, 0.0, f64::from(20 + i % 19)),
        2 => customer(1, f64::from(1 + i % 17), f64::from(20 + i % 18)),
        3 => customer(3, f64::from(10 + i % 11), f64::from(22 + i % 16)),
        _ => customer(7, f64::from(15 + i % 5), f64::from(21 + i % 13)),
    });
    let histories = Histories::new(customers.map(|history| (history, 1)).collect())?;
    match BgNbd::fit(&histories) {
        Ok(fit) => {
            for estimate in &fit.estimates {
                println!("{estimate:?}");
            }
            let regular = customer(7, 19.0, 21.0);
            println!("P(alive) = {:.3}", fit.parameters.p_alive(&regular));
            println!("purchases in the next 39 weeks: {:.2}", fit.parameters.expected_purchases(&regular, 39.0));
        }
        Err(unfit) => println!("these customers cannot support the model: {unfit}"),
    }
    Ok(())
}
