/// One guess at what is in a picture.
public struct Classification: Hashable, Sendable {
  /// The position among the model's outputs.
  public let index: Int
  /// The WordNet identifier, `n02504458`. Labels are not unique; this and ``index`` are.
  public let id: String
  /// `African_elephant`.
  public let label: String
  /// The model's output for the class: its probability, or its logit where the classifier has no softmax.
  public let probability: Float
}
