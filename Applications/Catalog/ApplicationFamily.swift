import KerasFiles
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

  /// Heights (and widths) of pictures that weights are published for; none for that of the row alone.
  var publishedSizes: [Int] { get }

  /// What Keras calls the model; nil for the row's identifier.
  func modelName(_ settings: ApplicationSettings, _ inputShape: Shape) -> String?

  /// Which of several published files fits; nil where there is one.
  func weightVariant(_ settings: ApplicationSettings) -> WeightVariant?

  /// The shape of pictures where nobody says one; nil for the row's size with a classifier, any size without.
  func defaultInputShape(_ settings: ApplicationSettings) -> Shape?

  /// Whether the classifier, too, takes pictures of any size.
  var classifierTakesAnySize: Bool { get }

  /// What turns pixels into the model's input with these settings; nil for what the row says.
  func preprocessing(_ settings: ApplicationSettings) -> PreprocessingMode?

  /// The input layer's; nil for an automatic one.
  var inputName: String? { get }

  /// Layers of a file of weights as the model has them, where files were written by another architecture.
  func converted(_ file: [StoredLayer]) throws(KerasError) -> [StoredLayer]

  /// The arguments that only this family has.
  static var ownArguments: [FamilyArgument<Self>] { get }
}

extension ApplicationFamily {
  func check(_ settings: ApplicationSettings) throws(KerasError) {}
  var publishedSizes: [Int] { [] }
  func modelName(_ settings: ApplicationSettings, _ inputShape: Shape) -> String? { nil }
  func weightVariant(_ settings: ApplicationSettings) -> WeightVariant? { nil }
  func defaultInputShape(_ settings: ApplicationSettings) -> Shape? { nil }
  var classifierTakesAnySize: Bool { false }
  func preprocessing(_ settings: ApplicationSettings) -> PreprocessingMode? { nil }
  var inputName: String? { nil }
  func converted(_ file: [StoredLayer]) throws(KerasError) -> [StoredLayer] { file }
  static var ownArguments: [FamilyArgument<Self>] { [] }

  /// Height and width of the pictures asked for where weights are published for them; nil for another size.
  func imageSize(_ settings: ApplicationSettings) -> Int? {
    guard let shape = settings.inputShape, shape.rank == 3, let height = shape[0], shape[1] == height,
      publishedSizes.contains(height)
    else { return nil }
    return height
  }

  /// Keras' names of the arguments that only this family has.
  var arguments: [String] { Self.ownArguments.map(\.name) }

  /// The same with one of ``arguments`` set; nil for another argument, or a value it cannot have.
  func setting(_ argument: String, to value: JSON) -> (any ApplicationFamily)? {
    guard let own = Self.ownArguments.first(where: { $0.name == argument }) else { return nil }
    return own.setting(self, value)
  }
}

/// An argument that only one family has: how Keras spells it, and where its value goes.
struct FamilyArgument<Family> {
  let name: String
  /// The family with the value; nil for a value it cannot have.
  let setting: (Family, JSON) -> Family?

  init(_ name: String, _ setting: @escaping (Family, JSON) -> Family?) {
    (self.name, self.setting) = (name, setting)
  }

  private init<Value>(
    _ name: String, _ path: WritableKeyPath<Family, Value>, _ read: @escaping (JSON) -> Value?
  ) {
    self.init(name) { family, json in
      guard let value = read(json) else { return nil }
      var family = family
      family[keyPath: path] = value
      return family
    }
  }

  init(_ name: String, _ path: WritableKeyPath<Family, Double>) { self.init(name, path) { $0.number } }
  init(_ name: String, _ path: WritableKeyPath<Family, Int>) { self.init(name, path) { $0.integer } }
  init(_ name: String, _ path: WritableKeyPath<Family, Bool>) { self.init(name, path) { $0.bool } }

  static func includePreprocessing(_ path: WritableKeyPath<Family, Bool>) -> FamilyArgument {
    FamilyArgument("include_preprocessing", path)
  }
}
