import KerasModels
import Synchronization

/// The settings of one trial: what the function that builds a model is given, and what `fit` is told.
///
/// ```swift
/// let build: ModelBuilder = { settings in
///   let units = try settings.integer("units")
///   let model = Sequential {
///     Dense(units: units, activation: .relu)
///     Dense(units: 1)
///   }
///   try model.compile(optimizer: .named(settings.text("optimizer")), loss: .meanSquaredError)
///   return model
/// }
/// ```
/// Names that a builder asks for are the settings it has; one that nobody asks for is an error.
public struct EstimatorSettings: Sendable {
  let values: [String: JSON]
  /// Shared by copies: what the builder has asked for.
  private let asked = AskedNames()

  private final class AskedNames: Sendable {
    let names = Mutex<Set<String>>([])
  }

  init(_ values: [String: JSON]) { self.values = values }

  /// The value of a setting; nil where it is not given.
  public subscript(name: String) -> JSON? {
    asked.names.withLock { _ = $0.insert(name) }
    return values[name]
  }

  /// A whole number.
  ///
  /// - Throws: `unknownName` where it is not given, `invalidArgument` where it is something else.
  public func integer(_ name: String) throws(KerasError) -> Int {
    try value(name, "a whole number", \.integer)
  }

  /// A number.
  ///
  /// - Throws: as ``integer(_:)``.
  public func number(_ name: String) throws(KerasError) -> Double { try value(name, "a number", \.number) }

  /// A text.
  ///
  /// - Throws: as ``integer(_:)``.
  public func text(_ name: String) throws(KerasError) -> String { try value(name, "a text", \.string) }

  /// Yes or no.
  ///
  /// - Throws: as ``integer(_:)``.
  public func flag(_ name: String) throws(KerasError) -> Bool { try value(name, "true or false", \.bool) }

  private func value<Value>(
    _ name: String, _ what: String, _ read: (JSON) -> Value?
  ) throws(KerasError) -> Value {
    guard let json = self[name] else {
      let near = nearestNames(to: name, among: values.keys.sorted())
      throw KerasError(
        .unknownName, "There is no setting called `\(name)`.",
        remedy: near.isEmpty
          ? "give it to the estimator, or vary it in the search."
          : "did you mean " + near.joined(separator: ", ") + "?")
    }
    guard let value = read(json) else {
      throw KerasError(.invalidArgument, "The setting `\(name)` is \(what), found \(json.excerpt).")
    }
    return value
  }

  /// Looks for settings that neither the builder nor `fit` has a use for: most likely misspelt.
  func checkUse() throws(KerasError) {
    let known = asked.names.withLock { $0 }.union(FitSettings.names)
    guard let unused = values.keys.filter({ !known.contains($0) }).min() else { return }
    let near = nearestNames(to: unused, among: known.sorted())
    throw KerasError(
      .unknownName, "Nobody asks for the setting `\(unused)`.",
      remedy: near.isEmpty
        ? "the builder and fit know " + known.sorted().joined(separator: ", ") + "."
        : "did you mean " + near.joined(separator: ", ") + "?")
  }
}

/// Makes a compiled model of settings.
public typealias ModelBuilder = @Sendable (EstimatorSettings) throws -> Model

/// What `fit` is told, in Keras' spelling.
struct FitSettings {
  static let names: Set<String> = ["epochs", "batch_size", "shuffle", "validation_split"]

  var epochs = 1
  var batchSize = 32
  var shuffles = true
  var validationSplit: Double?

  init(_ settings: EstimatorSettings) throws(KerasError) {
    if settings.values["epochs"] != nil { epochs = try settings.integer("epochs") }
    if settings.values["batch_size"] != nil { batchSize = try settings.integer("batch_size") }
    if settings.values["shuffle"] != nil { shuffles = try settings.flag("shuffle") }
    if settings.values["validation_split"] != nil {
      validationSplit = try settings.number("validation_split")
    }
  }
}
