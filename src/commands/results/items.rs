//! The items of a survey as what is estimated: the same as columns of a CSV, but nobody has to guess.

use super::columns::{Asked, Form};
use crate::results::estimate::Kind;
use crate::results::item::{Given, Item, Shape};

/// Everything that is estimated of these items.
pub fn questions(items: &[Item]) -> Vec<Asked> {
    items.iter().flat_map(of_item).collect()
}

fn of_item(item: &Item) -> Vec<Asked> {
    let one = |category: String, kind, form, value: &dyn Fn(&Given) -> Option<f64>| Asked {
        question: match &item.row {
            Some(row) => format!("{}.{row}", item.question),
            None => item.question.clone(),
        },
        category,
        kind,
        form,
        given: item.given.iter().map(value).collect(),
    };
    let yes = |is_so: bool| Some(f64::from(u8::from(is_so)));
    let mut asked = Vec::new();
    for (at, choice) in item.choices.iter().enumerate() {
        let id = &choice.id;
        match item.shape {
            Shape::Single | Shape::Ordered => {
                asked.push(one(id.clone(), Kind::Share, Form::Choice, &|given| match given {
                    Given::One(chosen) => yes(*chosen == at),
                    _ => None,
                }));
            }
            Shape::Multiple => {
                asked.push(one(id.clone(), Kind::Share, Form::Other, &|given| match given {
                    Given::Many(chosen) => yes(chosen.contains(&at)),
                    _ => None,
                }));
            }
            Shape::Ranking { places } => {
                let rank = |given: &Given| match given {
                    Given::Ranked(ranked) => Some(ranked.iter().position(|one| *one == at)),
                    _ => None,
                };
                let (first, top) = (format!("first_{id}"), format!("top{places}_{id}"));
                let points = |rank: usize| f64::from(places) - rank as f64;
                asked.extend([
                    one(first, Kind::Share, Form::Other, &|given| yes(rank(given)? == Some(0))),
                    one(top, Kind::Share, Form::Other, &|given| yes(rank(given)?.is_some())),
                    one(format!("borda_{id}"), Kind::Mean, Form::Other, &|given| {
                        Some(rank(given)?.map_or(0.0, points))
                    }),
                ]);
            }
            Shape::Budget => {
                asked.push(one(id.clone(), Kind::Mean, Form::Other, &|given| match given {
                    Given::Points(points) => {
                        let all: f64 = points.iter().sum();
                        (all > 0.0).then(|| points[at] / all)
                    }
                    _ => None,
                }));
            }
            Shape::Number => {}
        }
    }
    match item.shape {
        Shape::Number => asked.push(one("mean".to_owned(), Kind::Mean, Form::Number, &|given| {
            if let Given::Number(number) = given { Some(*number) } else { None }
        })),
        Shape::Ordered if item.choices.iter().any(|choice| choice.value.is_some()) => {
            asked.push(one("mean".to_owned(), Kind::Mean, Form::Other, &|given| match given {
                Given::One(chosen) => item.choices[*chosen].value,
                _ => None,
            }));
        }
        _ => {}
    }
    asked
}
