use super::*;

/// Rows and weights of random values of very different sizes.
fn values(seed: u64, rows: usize, steps: usize) -> (Vec<Pairs>, Vec<Weights>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut value = || (random.f32() - 0.5) * 2_f32.powi(random.i32(-20..20));
    let mut pairs = || {
        let mut pairs = [Pairs([0; LANES]); PARTS];
        for lane in 0..LANES {
            for (part, pair) in pack(value(), value()).into_iter().enumerate() {
                pairs[part].0[lane] = pair;
            }
        }
        pairs
    };
    let mut inputs = vec![Pairs([0; LANES]); PARTS * rows];
    for row in 0..rows {
        [inputs[row], inputs[rows + row]] = pairs();
    }
    let mut weights = vec![Weights([[[Pairs([0; LANES]); LANES]; OUTPUTS / LANES]; PARTS]); steps];
    for weights in &mut weights {
        for at in 0..OUTPUTS {
            [weights.0[0][at / LANES][at % LANES], weights.0[1][at / LANES][at % LANES]] = pairs();
        }
    }
    (inputs, weights)
}

/// Only where the processor has AMX.
#[test]
fn the_processor_computes_what_its_model_says() {
    let Some(tiles) = Tiles::try_new() else { return };
    for (seed, rows, steps) in [(0, 32, vec![0]), (1, 50, vec![0, 7, 1]), (2, 90, (0..45).collect())] {
        let (inputs, weights) = values(seed, rows, steps.len());
        let first = rows - ROWS - steps.iter().max().unwrap();
        let product = Product { inputs: &inputs, lower: rows, first, steps: &Steps::new(steps), weights: &weights };
        let (mut sums, mut expected) = ([[0.0; OUTPUTS]; ROWS], [[1.0; OUTPUTS]; ROWS]);
        tiles.ready().multiply(product, &mut sums);
        Model.ready().multiply(product, &mut expected);
        assert!(sums.map(|row| row.map(f32::to_bits)) == expected.map(|row| row.map(f32::to_bits)), "{rows} rows");
    }
}

#[test]
fn a_model_of_products_gives_them() {
    let (mut inputs, mut weights) = values(3, 32, 1);
    // 1.5 + 2^-12 in channel 3, and 2 in channel 16 + 3 for the output 17.
    inputs[..32].fill(Pairs([0; LANES]));
    inputs[32..].fill(Pairs([0; LANES]));
    let [upper, lower] = pack(1.5 + 2_f32.powi(-12), 2.0);
    (inputs[5].0[3], inputs[32 + 5].0[3]) = (upper, lower);
    weights[0] = Weights([[[Pairs([0; LANES]); LANES]; OUTPUTS / LANES]; PARTS]);
    let [upper, lower] = pack(3.0, 10.0 + 2_f32.powi(-9));
    (weights[0].0[0][1][3].0[1], weights[0].0[1][1][3].0[1]) = (upper, lower);
    let product = Product { inputs: &inputs, lower: 32, first: 0, steps: &Steps::new([0]), weights: &weights };
    let mut sums = [[1.0; OUTPUTS]; ROWS];
    Model.ready().multiply(product, &mut sums);
    let mut expected = [[0.0; OUTPUTS]; ROWS];
    expected[5][17] = 3.0 * (1.5 + 2_f32.powi(-12)) + 2.0 * (10.0 + 2_f32.powi(-9));
    assert_eq!(sums, expected);
}

#[test]
#[should_panic(expected = "31 rows of inputs")]
fn rows_that_are_not_there_are_refused() {
    let (inputs, weights) = values(4, 32, 1);
    let product = Product { inputs: &inputs[..31], lower: 0, first: 0, steps: &Steps::new([0]), weights: &weights };
    Model.ready().multiply(product, &mut [[0.0; OUTPUTS]; ROWS]);
}
