extension Layers {
  /// The classes of this folder.
  static let activationRows: [Row] = [
    Row("Activation") { Activation(.linear, name: $0) },
    Row("ReLU") { ReLU(name: $0) },
    Row("LeakyReLU") { LeakyReLU(name: $0) },
    Row("PReLU") { PReLU(name: $0) },
    Row("ELU") { ELU(name: $0) },
    Row("Softmax") { Softmax(name: $0) },
    // Only in Keras 1 and 2.
    Row("ThresholdedReLU") { ThresholdedReLU(name: $0) },
    Row("SReLU") { SReLU(name: $0) },
    Row("ParametricSoftplus") { ParametricSoftplus(name: $0) },
  ]
}
