import KerasCore

/// A setting that is an object itself, such as an initializer: files hold its class name and arguments.
public protocol Serializable: Sendable {
  /// As Keras spells it: `GlorotUniform`.
  var className: String { get }
  /// The constructor's arguments under Keras' names.
  var config: JSONObject { get }
}

extension Serializable {
  public var className: String { "\(Self.self)" }
}

/// The classes of one kind by the names they have in files: a class name, and short names such as `glorot_uniform`.
public final class ClassRegistry<Product>: @unchecked Sendable {
  // Sendable by rule: the lock guards the table.
  public typealias Factory = @Sendable (Configuration) throws -> Product
  /// For errors: `initializer`.
  private let kind: String
  private let lock = Lock()
  private var factories: [String: Factory]
  private let aliases: [String: String]
  private let absence: @Sendable (_ name: String) -> KerasError?

  /// - Parameter absence: what to say of names that are known and have no class here.
  init(
    _ kind: String, _ factories: [String: Factory], aliases: [String: String] = [:],
    absence: @escaping @Sendable (_ name: String) -> KerasError? = { _ in nil }
  ) {
    self.kind = kind
    self.factories = factories
    self.aliases = aliases
    self.absence = absence
  }

  /// Lets files name a class of the user's: `name`, or `package>name` as Keras registers them.
  public func register(_ name: String, _ factory: @escaping Factory) {
    lock.withLock { factories[name] = factory }
  }

  /// The names of all classes, sorted.
  public var names: [String] { lock.withLock { factories.keys.sorted() } }

  public func contains(_ name: String) -> Bool { lock.withLock { factories[aliases[name] ?? name] != nil } }

  /// Makes what `object` describes.
  ///
  /// - Throws: `unknownName` for a class nobody registered, `unsupported` for one that is known, and what its settings are wrong about.
  public func make(_ object: SerializedObject, version: KerasVersion = .current) throws(KerasError) -> Product
  {
    let factory = lock.withLock {
      object.registeredName.flatMap { factories[$0] }
        ?? factories[aliases[object.className] ?? object.className]
    }
    guard let factory else {
      if object.registeredName == nil, let known = absence(object.className) { throw known }
      let names = nearestNames(to: object.className, among: self.names)
      let registered = object.registeredName ?? object.className
      throw KerasError(
        .unknownName, "There is no \(kind) called `\(object.className)`.",
        remedy: (names.isEmpty ? "" : "did you mean " + names.joined(separator: ", ") + "? Or ")
          + "register a class of your own under `\(registered)`.")
    }
    let configuration = Configuration(object.config, of: object.className, version: version)
    let product = try wrappingErrors { try factory(configuration) }
    let unknown = configuration.unusedKeys
    if !unknown.isEmpty {
      Warnings.report(
        "\(object.className) has settings that are not known here and do nothing: "
          + unknown.joined(separator: ", ") + ".")
    }
    return product
  }
}
