//! The figures of R's `survey` on the same data, all of them.

use std::collections::HashMap;

use borgerpanel::response::targets::Targets;
use borgerpanel::results::estimate::{self, Estimate};
use borgerpanel::results::frame::Column;
use borgerpanel::results::step::{Dropped, Step};
use borgerpanel::results::weights::{Cap, Weights, weigh};

use super::{Table, fixture};

/// Those who live in the city.
fn respondents() -> Table {
    let mut table = Table::read("respondents.csv");
    let district = table.column("bydel").to_vec();
    table.keep(|row| district[row] != "Bor ikke i København");
    table
}

fn weights(people: &Table, targets: &Targets, cap: Cap) -> Weights {
    let columns = targets.margins.iter().map(|margin| {
        Column::of(margin, people.column(&margin.variable).iter().map(|it| Some(it.as_str())))
    });
    let columns: Vec<Column> = columns.collect();
    weigh(&columns, people.len(), cap).expect("weights")
}

fn targets() -> Targets {
    Targets::read_any(&fixture("targets.csv")).expect("targets")
}

#[test]
fn weights_are_those_of_plain_and_of_bounded_raking() {
    let (people, targets) = (respondents(), targets());
    let known = Table::read("weights.csv");
    let diagnostics = Table::read("diagnostics.csv");
    assert_eq!(people.column("id"), known.column("id"));
    for (scheme, cap) in [("A", Cap::None), ("B5", Cap::At(5.0)), ("B4", Cap::At(4.0))] {
        let found = weights(&people, &targets, cap);
        for (w, known) in found.w.iter().zip(known.numbers(&format!("w_{scheme}"))) {
            assert!((w - known).abs() <= 1e-6, "{scheme}: {w} is not {known}");
        }
        let row = diagnostics.column("scheme").iter().position(|it| it == scheme).expect("a row");
        let figure = |name: &str| diagnostics.numbers(name)[row];
        assert_eq!(found.n as f64, figure("n"));
        assert!((found.n_eff - figure("n_eff_kish")).abs() <= 1e-6, "{scheme}: {}", found.n_eff);
        assert!((found.deff - figure("deff_kish")).abs() <= 1e-6);
        assert!((found.g_min - figure("min")).abs() <= 1e-6);
        assert!((found.g_max - figure("max")).abs() <= 1e-6);
        assert!((found.w.iter().sum::<f64>() / found.n as f64 - 1.0).abs() < 1e-12);
        let merged: Vec<String> = found.steps.iter().map(ToString::to_string).collect();
        assert_eq!(
            merged,
            [
                "alder: 80+ (11 people) is counted together with 65-79",
                "udd: Ph.d. (16 people) is counted together with Lang videregående"
            ]
        );
    }
}

#[test]
fn every_margin_is_met_to_a_billionth() {
    let (people, targets) = (respondents(), targets());
    for cap in [Cap::None, Cap::At(5.0), Cap::At(4.0)] {
        let found = weights(&people, &targets, cap);
        for grouping in &found.groupings {
            for (class, target) in grouping.targets.iter().enumerate() {
                let of = grouping.classes.iter().zip(&found.w);
                let sum: f64 = of.filter(|(it, _)| **it == class).map(|(_, w)| w).sum();
                assert!((sum - target).abs() / found.n as f64 <= 1e-9, "{}", grouping.variable);
            }
        }
    }
}

#[test]
fn a_cap_of_3_is_proven_to_be_infeasible_and_the_next_is_named() {
    let found = weights(&respondents(), &targets(), Cap::At(3.0));
    let cap = found.steps.iter().find(|step| matches!(step, Step::Cap { .. })).expect("a step");
    assert_eq!(*cap, Step::Cap { from: 3.0, to: 6.0, is_proven: true });
    assert!(cap.to_string().starts_with("cap 3 is infeasible"), "{cap}");
    assert!(found.high == 6.0 && found.g_max <= 6.0 && found.gap <= 1e-10);
    assert!(
        !found
            .steps
            .iter()
            .any(|step| matches!(step, Step::Dropped { why: Dropped::Unreachable { .. }, .. }))
    );
}

/// What each respondent gave for a category of a question; `None` who is not in its base.
fn given(people: &Table, question: &str, category: &str) -> Vec<Option<f64>> {
    let number = |text: &String| text.parse::<f64>().ok();
    let (kind, at) = category.split_once('_').unwrap_or((category, ""));
    match (question, kind) {
        ("q1", _) => {
            let of = |it: &String| (!it.is_empty()).then(|| f64::from(u8::from(it == category)));
            people.column("q1").iter().map(of).collect()
        }
        ("q2", _) => {
            let column = format!("q2_{}", category.trim_start_matches("opt"));
            people.column(&column).iter().map(|it| number(it).filter(|it| *it >= 0.0)).collect()
        }
        ("q6", kind) => {
            let of = |rank: f64| match kind {
                "first" => f64::from(u8::from(rank == 1.0)),
                "top3" => f64::from(u8::from(rank > 0.0)),
                _ if rank > 0.0 => 4.0 - rank,
                _ => 0.0,
            };
            let ranks = people.column(&format!("q6_r{at}"));
            ranks.iter().map(|it| number(it).map(of)).collect()
        }
        _ => people.column(question).iter().map(number).collect(),
    }
}

/// Who is in a group of R's.
fn domain(people: &Table, weights: &Weights, variable: &str, group: &str) -> Vec<bool> {
    let Some(grouping) = weights.groupings.iter().find(|it| it.variable == variable) else {
        assert_eq!(variable, "alle");
        return vec![true; people.len()];
    };
    let group = if group == "65+" { "65-79+80+" } else { group };
    let class = grouping.groups.iter().position(|it| it.join("+") == group);
    let class = class.unwrap_or_else(|| {
        assert_eq!(group, "(uoplyst)");
        grouping.groups.len()
    });
    grouping.classes.iter().map(|it| *it == class).collect()
}

fn estimated(people: &Table, weights: &Weights, known: &HashMap<String, String>) -> Estimate {
    let given = given(people, &known["question"], &known["category"]);
    let within = domain(people, weights, &known["domain"], &known["domain_value"]);
    let base: Vec<bool> =
        given.iter().zip(within).map(|(it, is_in)| it.is_some() && is_in).collect();
    let y: Vec<f64> = given.iter().map(|it| it.unwrap_or(0.0)).collect();
    match known["kind"].as_str() {
        "share" => estimate::share(&y, &base, weights),
        _ => estimate::mean(&y, &base, weights),
    }
    .expect("somebody")
}

#[test]
fn estimates_errors_and_intervals_are_those_of_the_reference_row_by_row() {
    let (people, targets) = (respondents(), targets());
    let table = Table::read("estimates.csv");
    let (mut rows, mut intervals) = (0, 0);
    for (scheme, cap) in [("A", Cap::None), ("B5", Cap::At(5.0))] {
        let weights = weights(&people, &targets, cap);
        for known in table.rows().filter(|row| row["scheme"] == scheme) {
            let found = estimated(&people, &weights, &known);
            let number = |name: &str| known[name].parse::<f64>().expect("a number");
            let is_share = known["kind"] == "share";
            rows += 1;
            assert_eq!(found.n as f64, number("n"), "{known:?}");
            let scale = if is_share { 1.0 } else { number("est").abs().max(1.0) };
            assert!((found.value - number("est")).abs() <= 1e-9 * scale, "{known:?} {found:?}");
            assert!((found.n_eff - number("n_eff")).abs() <= 1e-6, "{known:?} {found:?}");
            let (se, within) = match known["se_type"].as_str() {
                "fixed" => (found.se_fixed, 1e-9),
                _ => (found.se, 1e-8),
            };
            // A share of nobody or everybody has none but rounding.
            let off = (se - number("se")).abs();
            assert!(off <= within * number("se") || off <= 1e-15, "{known:?} {found:?}");
            if known["ci_low_kg"] == "NA" {
                continue;
            }
            intervals += 1;
            // R takes the calibrated design's rows as the sample, and the domain's where weights are fixed.
            let interval = match known["se_type"].as_str() {
                "fixed" => {
                    Estimate { se: found.se_fixed, n: weights.n, ..found }.uncapped(&weights)
                }
                _ => found.uncapped(&weights),
            };
            assert!((interval.low - number("ci_low_kg")).abs() <= 1e-3, "{known:?} {interval:?}");
            assert!((interval.high - number("ci_high_kg")).abs() <= 1e-3, "{known:?} {interval:?}");
            // Over everybody, what is published is the same.
            if known["se_type"] == "calibrated" && known["domain"] == "alle" {
                assert!((found.low - interval.low).abs() <= 1e-3, "{known:?} {found:?}");
                assert!((found.high - interval.high).abs() <= 1e-3, "{known:?} {found:?}");
            }
        }
    }
    assert_eq!((rows, rows - intervals), (2688, 876), "rows, and those without an interval");
}

#[test]
fn quantiles_are_those_of_the_reference() {
    let (people, targets) = (respondents(), targets());
    let table = Table::read("quantiles.csv");
    for (scheme, cap) in [("A", Cap::None), ("B5", Cap::At(5.0))] {
        let weights = weights(&people, &targets, cap);
        let given = given(&people, "q5", "");
        let base: Vec<bool> = given.iter().map(Option::is_some).collect();
        let x: Vec<f64> = given.iter().map(|it| it.unwrap_or(0.0)).collect();
        let rows: Vec<_> = table.rows().filter(|row| row["scheme"] == scheme).collect();
        let of = |name: &str| -> Vec<f64> {
            rows.iter().map(|row| row[name].parse().expect("a number")).collect()
        };
        let found = estimate::quantiles(&x, &base, &weights, &of("p"));
        assert_eq!(found.expect("somebody"), of("value"));
        let mean = estimate::mean(&x, &base, &weights).expect("somebody");
        let tamed = estimate::winsorised(&x, &base, &weights).expect("somebody");
        assert!(tamed.value < mean.value && tamed.se < mean.se, "three wrote 900 and more");
    }
}
