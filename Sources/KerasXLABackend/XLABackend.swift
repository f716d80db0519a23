import KerasGraph
import KerasPlainKernels

/// Computes on what a PJRT plugin knows: GPUs of NVIDIA, AMD and Intel, TPUs, and CPUs.
///
/// Graphs are written as StableHLO, which XLA compiles for the device. Weights, states and what is computed stay there;
/// only inputs go in and outputs that somebody looks at come out.
///
/// - Types: every one that the graph's operations take; float16 and bfloat16 are calculated with as float32, but
///   for products, whose factors stay as they are and whose sums are float32.
/// - Numbers: float32 products are true float32 unless the program's precision is `tensorFloat32` or `bfloat16`.
public struct XLABackend: Backend {
  public let device: XLADevice
  /// The device as people name it: `gpu`, `gpu:1`, `tpu`, `xla:cpu`.
  public let name: String

  init(_ device: XLADevice, name: String) { (self.device, self.name) = (device, name) }

  public var evaluator: (any ConstantEvaluator)? { Self.constantEvaluator }
  public var pipeline: PassPipeline { Self.pipeline }

  private static let constantEvaluator = PlainEvaluator()

  /// What graphs go through, on whatever device.
  static var pipeline: PassPipeline {
    let folding: [any Pass] = [FoldScales(), FoldConstants(with: constantEvaluator), RemoveDeadOperations()]
    return PassPipeline(PassPipeline.standard(evaluator: constantEvaluator).passes + folding)
  }

  public func makeStates(_ initial: [Tensor]) throws(KerasError) -> any StateStore {
    try XLAStates(initial, on: device)
  }

  public func prepare(_ graph: Graph, options: ProgramOptions) throws(KerasError) -> any Program {
    try XLAProgram(
      graph, LoweringSettings(options.precision), isDeterministic: options.isDeterministic, on: device)
  }
}
