import KerasGraph
import KerasKernels

extension GraphCompiler {
  /// The factor `gamma / √(variance + epsilon)` is a constant when its parts are, else computed in each run.
  mutating func compile(_ operation: BatchNormalizationOperation) throws(KerasError) {
    let (x, y) = (try number(0), output)
    let channels = x.lengths[x.lengths.count - 1]
    let scale: Place
    if let gamma = constant(1), let variance = constant(4), let identity = identity(4),
      let key = kept(1, as: .normalization(variance: identity, epsilon: operation.epsilon))
    {
      let factors = allocator.memory(for: key, byteCount: channels * 4) { address in
        let factors = address.assumingMemoryBound(to: Float.self)
        let parts = zip(gamma.scalars(as: Double.self), variance.scalars(as: Double.self))
        for (channel, (gamma, variance)) in parts.enumerated() {
          factors[channel] = Float(gamma / (variance + Double(operation.epsilon)).squareRoot())
        }
      }
      scale = .constant(factors)
    } else {
      scale = scratch(channels * 4)
      let gamma = try operand(1, as: .float32)
      let variance = try operand(4, as: .float32)
      let epsilon = operation.epsilon
      let part = Part(byteCount: 3 * channels * 4)
      add("scale \(channels)", places: [gamma.place, variance.place, scale], part: part) { operands in
        let gamma = operands[0].assumingMemoryBound(to: Float.self)
        let variance = operands[1].assumingMemoryBound(to: Float.self)
        let scale = operands[2].assumingMemoryBound(to: Float.self)
        for channel in 0..<channels {
          scale[channel] = gamma[channel] / (variance[channel] + epsilon).squareRoot()
        }
      }
    }
    let mean = try operand(3, as: .float32)
    let beta = try operand(2, as: .float32)
    let rowLength = graph.lengths(of: growing.whole(of: node.inputs[0].node)).last ?? channels
    let plan = kk_normalization(
      rows: x.elementCount / channels, channels: channels, x_row: rowLength,
      f: kk_function(operation.activation))
    let (from, to) = (kernelType(x.type), kernelType(y.type))
    add(
      "batch normalization \(x.lengths)", places: [x.place, y.place, mean.place, scale, beta.place]
    ) { operands in
      func numbers(_ index: Int) -> UnsafeMutablePointer<Float> {
        operands[index].assumingMemoryBound(to: Float.self)
      }
      withUnsafePointer(to: plan) {
        kk_normalize($0, operands[0], from, operands[1], to, numbers(2), numbers(3), numbers(4))
      }
    }
  }
}
