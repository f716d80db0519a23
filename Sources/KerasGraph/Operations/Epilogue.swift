/// What a convolution or matrix product does to its sums before it stores them:
/// `activation(scale · sum + bias + residual)`.
///
/// Layers never ask for one; passes fuse it. The extra inputs follow the operation's own two, in the
/// order scale, bias, residual.
public struct Epilogue: Hashable, Sendable {
  /// An input `[channels]` that multiplies the sums along the last axis. A backend multiplies it into
  /// the kernel while packing, so that it costs nothing at run time.
  public var hasScale: Bool
  /// An input `[channels]`, added along the last axis.
  public var hasBias: Bool
  /// An input of the output's shape, added element by element.
  public var hasResidual: Bool
  public var activation: UnaryFunction?

  public init(
    hasScale: Bool = false, hasBias: Bool = false, hasResidual: Bool = false, activation: UnaryFunction? = nil
  ) {
    self.hasScale = hasScale
    self.hasBias = hasBias
    self.hasResidual = hasResidual
    self.activation = activation
  }

  /// The number of inputs beyond the operation's own two.
  public var inputCount: Int { (hasScale ? 1 : 0) + (hasBias ? 1 : 0) + (hasResidual ? 1 : 0) }

  // Where each extra stands among the inputs.
  public var scaleInput: Int? { hasScale ? 2 : nil }
  public var biasInput: Int? { hasBias ? (hasScale ? 3 : 2) : nil }
  public var residualInput: Int? { hasResidual ? 1 + inputCount : nil }

  /// As printed in graphs: ` · scale + bias + residual, relu`.
  var settings: String {
    (hasScale ? " · scale" : "") + (hasBias ? " + bias" : "") + (hasResidual ? " + residual" : "")
      + (activation.map { ", \($0)" } ?? "")
  }

  func check(_ inputs: [TensorSpec], output: TensorSpec) throws(KerasError) {
    for (name, position) in [("scale", scaleInput), ("bias", biasInput)] {
      guard let position else { continue }
      guard inputs[position].shape.rank == 1, inputs[position].shape[0] == output.shape.last ?? nil else {
        throw KerasError(
          .shapeMismatch,
          "A fused \(name) must be one number a channel of \(output), found \(inputs[position]).")
      }
    }
    if let residualInput, inputs[residualInput] != output {
      throw KerasError(.shapeMismatch, "A fused residual must be \(output), found \(inputs[residualInput]).")
    }
  }
}
