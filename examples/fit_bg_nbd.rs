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
    // Of a hundred customers so many have so many repeats. Half of them stopped early, half go on.
    let repeats = [(60, 0), (75, 1), (84, 2), (89, 3), (93, 4), (96, 5), (98, 8), (100, 13)];
    let customers = (0..3_000_u32).map(|i| {
        let x = repeats.iter().find(|(below, _)| i * 37 % 100 < *below).map_or(0, |(_, x)| *x);
        let t_cal = f64::from(27 + i % 12);
        let random = f64::from(1 + i * 7_919 % 1_000) / 1_000.0;
        let share = if i % 2 == 0 { 0.4 * random } else { random.powf(1.0 / f64::from(x.max(1))) };
        customer(x, if x == 0 { 0.0 } else { share * t_cal }, t_cal)
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
