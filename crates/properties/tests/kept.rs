//! Every kept input, every first input and a few thousand generated ones through every door.

use properties::{DOORS, corpus, seeds};
use proptest::test_runner::{Config, RngSeed, TestRunner};

#[test]
fn kept_inputs() {
    for (name, door) in DOORS {
        let text = std::fs::read_to_string(corpus::path(name)).unwrap_or_default();
        let kept = corpus::parse(&text).unwrap_or_else(|line| panic!("{name}: line {line}"));
        assert!(!kept.is_empty(), "{name}: no input is kept");
        for (at, input) in kept.iter().enumerate() {
            println!("{name}, line {}", at + 1);
            door(input);
        }
        seeds::of(name).iter().for_each(|input| door(input));
    }
}

#[test]
fn generated_inputs() {
    for (name, door) in DOORS {
        let config = Config {
            cases: 2_000,
            rng_seed: RngSeed::Fixed(7),
            failure_persistence: None,
            ..Config::default()
        };
        let bytes = proptest::collection::vec(proptest::num::u8::ANY, 0..400);
        TestRunner::new(config)
            .run(&bytes, |input| {
                door(&input);
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn text_of_a_corpus() {
    let inputs = vec![vec![2, 1], vec![], vec![7], vec![2, 1]];
    assert_eq!(corpus::parse(&corpus::text(inputs)), Ok(vec![vec![], vec![7], vec![2, 1]]));
    assert_eq!(corpus::parse("00\nx\n"), Err(2));
}
