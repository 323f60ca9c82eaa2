//! Finds near-duplicates off the screen's thread.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::cancel::Cancel;
use crate::dataset::{Dataset, ImageFile};
use crate::duplicates::{
    Collection, CollectionSource, GroupPlan, PlanSettings, SimilarPairs, Verdicts, VerdictsFile, Witnesses,
    floor_of_many,
};
use crate::error::Result;
use crate::index::quick::QuickLooks;
use crate::join::Engine;
use crate::progress::Progress;

/// What to search, and how.
#[derive(Clone, Debug)]
pub struct DuplicatesJob {
    pub sources: Vec<CollectionSource>,
    /// The datasets; true for those that are not fully indexed.
    pub datasets: Vec<(Dataset, bool)>,
    /// How to look at pictures that the network hasn't seen yet.
    pub looks: Option<QuickLooks>,
    pub witnesses: Witnesses,
    /// The user's verdicts, if they are saved.
    pub verdicts: Option<VerdictsFile>,
    /// The first groups to show.
    pub settings: PlanSettings,
}

/// The result; groups for any range are made from it.
#[derive(Debug)]
pub struct DuplicatesAnswer {
    pub collection: Collection,
    pub similar: SimilarPairs,
    /// The number of pictures that the network hasn't seen yet; they have only a small hash.
    pub by_hash: usize,
    /// The user's verdicts by now.
    pub verdicts: Verdicts,
}

impl DuplicatesJob {
    pub fn find(
        &self,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Arc<DuplicatesAnswer>> {
        let verdicts = self.verdicts.as_ref().map_or(Ok(Verdicts::default()), VerdictsFile::read)?;
        let mut sources = self.sources.clone();
        let by_hash = self.look_ahead(&mut sources, cancel, progress)?;
        let collection = Collection::new(sources)?.with_real_folders();
        let from = match self.witnesses {
            Witnesses::Hash => 1.0,
            Witnesses::Both(descriptor) => floor_of_many(descriptor, collection.len()).min(self.settings.range),
        };
        let similar = SimilarPairs::among(&collection, self.witnesses, from, engine, cancel, progress)?;
        // Slow checks are done here, and their results kept.
        let progress = Mutex::new(progress);
        let tell = |done| progress.lock()(done);
        GroupPlan::complete(&collection, &similar, &verdicts, &self.settings, cancel, &tell)?;
        Ok(Arc::new(DuplicatesAnswer { collection, similar, by_hash, verdicts }))
    }

    /// Adds rows without descriptors for the pictures that aren't indexed yet, and returns how many.
    fn look_ahead(
        &self,
        sources: &mut [CollectionSource],
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<usize> {
        let mut added = 0;
        let Some(looks) = &self.looks else { return Ok(added) };
        let crops = sources.iter().find(|source| !source.matrix.is_empty()).map(|source| source.matrix.crops);
        for (source, (dataset, _)) in sources.iter_mut().zip(&self.datasets).filter(|(_, (_, growing))| *growing) {
            let is_missing = |image: &&ImageFile| source.matrix.get(&image.name).is_none();
            let missing: Vec<_> = source.images.iter().filter(is_missing).cloned().collect();
            let (rows, _) = looks.rows(dataset, &source.images, &missing, cancel, progress)?;
            added += rows.len();
            if let Some(crops) = crops.filter(|_| source.matrix.is_empty()) {
                source.matrix.crops = crops;
            }
            source.matrix.extend(rows);
        }
        Ok(added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vgg16::NetworkOptions;

    #[test]
    fn copies_are_found_by_the_hash_before_the_network_has_seen_them() {
        let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let picture = image::RgbImage::from_fn(160, 160, |x, y| {
            let detail = if (x + y) % 2 == 0 { 15.0 } else { 0.0 };
            let (x, y) = (f64::from(x) / 160.0, f64::from(y) / 160.0);
            let wave = ((x * 9.0 + y * y * 17.0).sin() + (y * 11.0 - x * 5.0).cos()) * 50.0 + 110.0;
            image::Rgb([(wave + detail) as u8; 3])
        });
        picture.save(folder.path().join("a.png")).unwrap();
        crate::dataset::thumbnail::resize(&picture, 80, 80).save(folder.path().join("b.png")).unwrap();
        let dataset = Dataset::open(folder.path()).unwrap();
        let images = dataset.scan(&Cancel::default(), &mut |_| ()).unwrap().images;
        let source = |images: Vec<ImageFile>| CollectionSource {
            name: "x".into(),
            root: dataset.root.clone(),
            matrix: Default::default(),
            images: images.into(),
        };
        let job = |growing| DuplicatesJob {
            sources: vec![source(images.clone())],
            datasets: vec![(dataset.clone(), growing)],
            looks: Some(QuickLooks { cache: cache.path().to_owned(), options: NetworkOptions::default() }),
            witnesses: Witnesses::Both(crate::join::DescriptorKind::Regions),
            verdicts: None,
            settings: PlanSettings { range: 0.6, ..PlanSettings::default() },
        };
        let find = |growing| job(growing).find(Engine::default(), &Cancel::default(), &mut |_| ()).unwrap();
        let answer = find(true);
        assert_eq!((answer.by_hash, answer.collection.len()), (2, 2));
        assert!(matches!(&answer.similar.pairs[..], [pair] if pair.value.is_none() && pair.distance.is_some()));
        let plan = GroupPlan::new(&answer.collection, &answer.similar, &answer.verdicts, &job(true).settings);
        assert_eq!((plan.groups.len(), plan.to_mark), (1, 1));
        // In a fully indexed dataset, a picture without a row can't be read.
        let answer = find(false);
        assert_eq!((answer.by_hash, answer.collection.len()), (0, 0));
    }
}
