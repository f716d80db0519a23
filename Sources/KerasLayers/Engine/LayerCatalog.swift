/// Every class that some Keras calls a layer, with its state here; documentation is made from it.
public struct LayerCatalogEntry: Hashable, Sendable {
  public enum State: Hashable, Sendable {
    case available
    /// It predicts as in Keras; what it does while training is missing.
    case predicting
    /// It wraps something that is not there without Python, or is no layer to be used itself.
    case notApplicable(String)
  }

  public let name: String
  public let family: String
  public let state: State
  /// Other names files may have for it.
  public let aliases: [String]
}

extension Layers {
  /// All classes, by family.
  public static var catalog: [LayerCatalogEntry] {
    let oldNames = OldSpellings.classNames.merging(aliases) { $1 }
    let available = families.flatMap { family in
      family.rows.map { row in
        LayerCatalogEntry(
          name: row.name, family: family.name,
          // Programs have fixed shapes, and those two draw a size.
          state: ["RandomHeight", "RandomWidth"].contains(row.name) ? .predicting : .available,
          aliases: oldNames.filter { $0.value == row.name }.map(\.key).sorted())
      }
    }
    return available + otherClasses
  }

  /// What to say of a class that Keras has and that cannot be made here; nil for others.
  static func absence(of className: String) -> KerasError? {
    guard let entry = otherClasses.first(where: { $0.name == className }) else { return nil }
    guard case .notApplicable(let reason) = entry.state else { return nil }
    return KerasError(
      .unsupported, "`\(className)` cannot be used here: \(reason).",
      remedy: "register a class of your own for it: Layers.register(\"\(className)\") { settings in … }.")
  }

  private static let otherClasses: [LayerCatalogEntry] =
    [
      ("FlaxLayer", "wraps a model of Flax"), ("JaxLayer", "wraps a function of JAX"),
      ("TFSMLayer", "wraps a SavedModel of TensorFlow"), ("TorchModuleWrapper", "wraps a module of PyTorch"),
      ("DenseFeatures", "wraps feature columns of TensorFlow"),
      ("Layer", "the base class: `Layer`"), ("Wrapper", "a base class: `Wrapper`"),
      ("AbstractRNNCell", "a base class: `RecurrentCellLayer`"),
      ("InputSpec", "a contract of inputs; layers check theirs"),
    ].map {
      LayerCatalogEntry(
        name: $0.0, family: "Bridges and base classes", state: .notApplicable($0.1), aliases: [])
    }

  /// The catalog as a page of Markdown.
  public static var documentation: String {
    var lines = [
      "# Layers",
      "",
      "Every class that Keras 3.15, TF-Keras or Keras 1 and 2 call a layer, and its state here.",
      "This page is what `keras layers --markdown` prints; a test keeps it so.",
    ]
    var family = ""
    for entry in catalog {
      if entry.family != family {
        family = entry.family
        lines += ["", "## \(family)", "", "| Class | State | Also called |", "| --- | --- | --- |"]
      }
      let state =
        switch entry.state {
        case .available: "available"
        case .predicting: "predicts; no training"
        case .notApplicable(let reason): "not applicable: \(reason)"
        }
      lines.append(
        "| `\(entry.name)` | \(state) | \(entry.aliases.map { "`\($0)`" }.joined(separator: ", ")) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
