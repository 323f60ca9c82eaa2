use super::*;

/// Parts of random values of very different sizes.
fn blocks(seed: u64, len: usize) -> (Vec<InputParts>, Vec<WeightParts>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut value = || (random.f32() - 0.5) * 2_f32.powi(random.i32(-20..20));
    let mut parts = || pack(value(), value());
    let mut all = (Vec::new(), Vec::new());
    for _ in 0..len {
        let mut inputs = InputParts([[[0; LANES]; ROWS]; 3]);
        let mut weights = WeightParts([[[[0; LANES]; LANES]; 2]; 3]);
        for at in 0..ROWS * LANES {
            for (part, pair) in parts().into_iter().enumerate() {
                inputs.0[part][at / LANES][at % LANES] = pair;
            }
            for (part, pair) in parts().into_iter().enumerate() {
                weights.0[part][at / LANES / LANES][at / LANES % LANES][at % LANES] = pair;
            }
        }
        all.0.push(inputs);
        all.1.push(weights);
    }
    all
}

/// Only where the processor has AMX.
#[test]
fn the_processor_computes_what_its_model_says() {
    let Some(tiles) = Tiles::try_new() else { return };
    for (seed, rows, blocks_in) in [(0, 32, 1), (1, 32, 7), (2, 16, 5), (3, 9, 2), (4, 17, 16)] {
        let ((inputs, weights), stride) = (blocks(seed, blocks_in), OUTPUTS + 8);
        let (mut sums, mut expected) = (vec![0.0; ROWS * stride], vec![0.0; ROWS * stride]);
        tiles.ready().multiply(&inputs, &weights, rows, &mut sums, stride);
        Model.ready().multiply(&inputs, &weights, rows, &mut expected, stride);
        let bits = |sums: &[f32]| sums.iter().map(|sum| sum.to_bits()).collect::<Vec<_>>();
        assert!(bits(&sums) == bits(&expected), "{rows} rows of {blocks_in} blocks");
    }
}
