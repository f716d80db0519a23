extension Layers {
  /// The classes of this folder.
  static let activationRows: [Row] = [
    Row("Activation", Activation.init(_:)),
    Row("ReLU", ReLU.init(_:)),
    Row("LeakyReLU", LeakyReLU.init(_:)),
    Row("PReLU", PReLU.init(_:)),
    Row("ELU", ELU.init(_:)),
    Row("Softmax", Softmax.init(_:)),
    // Only in Keras 1 and 2.
    Row("ThresholdedReLU", ThresholdedReLU.init(_:)),
    Row("SReLU", SReLU.init(_:)),
    Row("ParametricSoftplus", ParametricSoftplus.init(_:)),
  ]
}
