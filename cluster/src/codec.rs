//! Encodes plans for the network: our node, and Ballista's own.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ballista_core::serde::BallistaPhysicalExtensionCodec;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use prost::Message;

use crate::kernel::Kernel;
use crate::node::KernelNode;
use crate::site::Site;

/// The start of our node's message; Ballista's begin with a field's tag, a small byte.
const MARK: &[u8] = b"simages kernel 1\n";

#[derive(Message)]
struct KernelMessage {
    #[prost(bytes = "vec", tag = "1")]
    program: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    plan: Vec<u8>,
}

/// Registered at the submitter, the scheduler and all workers.
#[derive(Debug, Default)]
pub struct Codec {
    ballista: BallistaPhysicalExtensionCodec,
    /// Set on workers: plans decoded there can run.
    site: Option<Site>,
}

impl Codec {
    pub fn on(site: Site) -> Self {
        Self { site: Some(site), ..Self::default() }
    }
}

impl PhysicalExtensionCodec for Codec {
    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        out: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let Some(node) = node.downcast_ref::<KernelNode>() else {
            return self.ballista.try_encode(node, out, converter);
        };
        let message = KernelMessage { program: bytes(&node.kernel.program), plan: bytes(&node.kernel.plan) };
        out.extend_from_slice(MARK);
        message.encode(out).map_err(|error| DataFusionError::External(error.into()))
    }

    fn try_decode(
        &self,
        message: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(message) = message.strip_prefix(MARK) else {
            return self.ballista.try_decode(message, inputs, context, converter);
        };
        let message = KernelMessage::decode(message).map_err(|error| DataFusionError::External(error.into()))?;
        let [input] = inputs else {
            return Err(DataFusionError::Internal(format!("a kernel has {} inputs instead of 1", inputs.len())));
        };
        let kernel = Kernel { program: path(message.program), plan: path(message.plan) };
        Ok(Arc::new(KernelNode { kernel, input: input.clone(), site: self.site.clone() }))
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

fn path(bytes: Vec<u8>) -> PathBuf {
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use ballista_core::execution_plans::ShuffleWriterExec;
    use datafusion_proto::physical_plan::AsExecutionPlan;
    use datafusion_proto::protobuf::PhysicalPlanNode;

    use super::*;

    #[test]
    fn a_stage_comes_back_as_it_was() {
        // Not UTF-8, because paths are bytes.
        let kernel = Kernel { program: "/bin/simages".into(), plan: path(b"/shared/\xff plan".to_vec()) };
        let node = crate::node::plan(kernel.clone(), 7).unwrap();
        let stage = ShuffleWriterExec::try_new("job".to_owned().into(), 1, node, String::new()).unwrap();
        let mut message = Vec::new();
        let codec = Codec::default();
        PhysicalPlanNode::try_from_physical_plan(Arc::new(stage), &codec).unwrap().try_encode(&mut message).unwrap();

        let decoded = PhysicalPlanNode::try_decode(&message).unwrap();
        let decoded = decoded.try_into_physical_plan(&TaskContext::default(), &codec).unwrap();
        let [node] = decoded.children()[..] else { panic!("{decoded:?}") };
        assert_eq!(node.downcast_ref::<KernelNode>().unwrap().kernel, kernel);
        let [numbers] = node.children()[..] else { panic!("{node:?}") };
        assert_eq!(numbers.name(), "DataSourceExec");
    }
}
