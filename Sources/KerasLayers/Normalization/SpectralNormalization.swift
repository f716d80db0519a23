import KerasGraph

/// Keeps the largest singular value of another layer's kernel at 1.
///
/// - Input and output: the other layer's.
/// - Weights, in file order: the kernel, `vector_u [1, outputs]`, then the other layer's remaining ones.
///
/// Each step of training divides the kernel by its spectral norm, which power iteration follows from step to step.
/// Miyato et al., "Spectral Normalization for Generative Adversarial Networks" (2018), Algorithm 1.
///
/// ```swift
/// let x = SpectralNormalization(Conv2D(filters: 8, kernelSize: 3))(images)
/// ```
public final class SpectralNormalization: Wrapper, @unchecked Sendable {
  /// How many steps of power iteration one step of training takes.
  @Setting("power_iterations") public private(set) var powerIterations: Int

  public init(_ layer: Layer, powerIterations: Int = 1, name: String? = nil) {
    super.init(layer, name: name)
    self.powerIterations = powerIterations
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    self.init(try settings.layer("layer"), name: settings.name)
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try require(
      powerIterations > 0,
      "SpectralNormalization takes at least one power iteration, found \(powerIterations).")
    try buildChild(layer, for: inputs)
    guard let kernel = layer.ownWeights.first(where: { ["kernel", "embeddings"].contains($0.name) }) else {
      throw KerasError(
        .invalidArgument,
        "SpectralNormalization needs a layer with a kernel or embeddings, found \(layer.className).")
    }
    adoptWeight(kernel)
    addWeight(
      "vector_u", shape: [1, kernel.shape.last ?? 1],
      initializer: .truncatedNormal(deviation: 0.02), isTrainable: false)
  }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    if context.isTraining { try normalizeKernel(in: context) }
    let masks = inputs.indices.map(context.mask)
    let result = try context.apply(layer, to: inputs, masks: masks, arguments: context.arguments)
    context.setOutputMasks(result.masks)
    return result.outputs
  }

  private func normalizeKernel(in context: CallContext) throws(KerasError) {
    let graph = context.graph
    guard let variable = ownWeights.first else { return }
    let kernel = try context.value(of: variable)
    let start = try context.value(of: weight("vector_u"))
    let columns = variable.shape.last ?? 1
    let matrix = try graph.reshape(kernel, to: [-1, columns])
    var (u, v) = (start, start)
    for _ in 0..<powerIterations {
      v = try graph.normalize(graph.matrixMultiply(u, matrix, transposesSecond: true), axes: nil)
      u = try graph.normalize(graph.matrixMultiply(v, matrix), axes: nil)
    }
    let norm = try graph.matrixMultiply(graph.matrixMultiply(v, matrix), u, transposesSecond: true)
    // A kernel of zeros has no direction and stays.
    let isZero = try graph.logicalNot(graph.any(kernel))
    let one = try graph.scalar(1, like: kernel)
    let divisor = try graph.select(isZero, one, graph.reshape(norm, to: []))
    try context.assign(graph.select(isZero, start, u), to: weight("vector_u"))
    // Training sees the new kernel as the weight itself: the division has no part in the gradient.
    let change = try graph.stoppingGradient((graph[kernel] / graph[divisor] - graph[kernel]).value)
    try context.assign((graph[kernel] + graph[change]).value, to: variable)
  }
}
