import KerasModels
import KerasWeights

/// A family of architectures: how its models are drawn, and what it decides about them that the catalogue's rows do
/// not know.
///
/// A value holds the family's own settings, such as MobileNet's width; a row of the catalogue has the plain ones. All
/// but the drawing has the answer that most families give.
protocol ApplicationFamily: Sendable {
  /// Draws the model on `image`, with the classifier or without.
  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor

  /// - Throws: `invalidArgument` for settings nothing can be built of, or that no weights are published for.
  func check(_ settings: ApplicationSettings) throws(KerasError)

  /// Height and width of the pictures the classifier is for; nil for those of the row.
  func imageSize(_ settings: ApplicationSettings) -> Int?

  /// What Keras calls the model; nil for the row's identifier.
  func modelName(_ settings: ApplicationSettings, _ inputShape: Shape) -> String?

  /// Which of several published files fits; nil where there is one.
  func weightVariant(_ settings: ApplicationSettings) -> WeightVariant?

  /// Keras' names of the arguments that only this family has.
  var arguments: [String] { get }

  /// The same with one of ``arguments`` set; nil for another argument, or a value of the wrong type.
  func setting(_ argument: String, to value: JSON) -> (any ApplicationFamily)?
}

extension ApplicationFamily {
  func check(_ settings: ApplicationSettings) throws(KerasError) {}
  func imageSize(_ settings: ApplicationSettings) -> Int? { nil }
  func modelName(_ settings: ApplicationSettings, _ inputShape: Shape) -> String? { nil }
  func weightVariant(_ settings: ApplicationSettings) -> WeightVariant? { nil }
  var arguments: [String] { [] }
  func setting(_ argument: String, to value: JSON) -> (any ApplicationFamily)? { nil }
}
