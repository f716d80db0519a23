import KerasCore

/// A setting that is an object itself, such as an initializer: files hold its class name and arguments.
public protocol Serializable: Sendable {
  /// As Keras spells it: `GlorotUniform`.
  var className: String { get }
  /// The constructor's arguments under Keras' names: by default, every ``Setting``.
  var config: JSONObject { get }
}

extension Serializable {
  public var className: String { "\(Self.self)" }
  public var config: JSONObject { declaredConfig }
  /// Every ``Setting``, for classes whose subclasses may say more.
  package var declaredConfig: JSONObject { writtenSettings(of: self) }
}

/// The classes of one kind by the names they have in files: a class name, and short names such as `glorot_uniform`.
public final class ClassRegistry<Product>: @unchecked Sendable {
  // Sendable by rule: the lock guards the table.
  public typealias Factory = @Sendable (Configuration) throws -> Product
  package typealias Modernizer = @Sendable (
    _ className: String, _ config: inout JSONObject, _ today: String, _ version: KerasVersion
  ) -> Void
  /// For errors: `initializer`.
  private let kind: String
  /// Where Keras keeps its own classes of this kind.
  private let module: String
  /// Brings a file's settings up to date, given the name the file says and today's.
  private let modernize: Modernizer
  private let lock = Lock()
  private var factories: [String: Factory]
  private let aliases: [String: String]
  private let namesOfKeras: Set<String>
  private let absence: @Sendable (_ name: String) -> KerasError?
  /// What comes after a factory.
  private let finish: @Sendable (Product, Configuration) throws -> Void

  /// - Parameter absence: what to say of names that are known and have no class here.
  init(
    _ kind: String, module: String? = nil, _ factories: [String: Factory], aliases: [String: String] = [:],
    absence: @escaping @Sendable (_ name: String) -> KerasError? = { _ in nil },
    modernizing modernize: Modernizer? = nil,
    finish: @escaping @Sendable (Product, Configuration) throws -> Void = { _, _ in }
  ) {
    self.kind = kind
    self.module = module ?? "keras.\(kind)s"
    self.modernize = modernize ?? { OldSpellings.modernizeFunction($0, &$1, today: $2, from: $3) }
    self.factories = factories
    self.aliases = aliases
    namesOfKeras = Set(factories.keys)
    self.finish = finish
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
  /// - Throws: `unknownName` for a class nobody registered, `unsupported` for one that is known, and what its
  ///   settings are wrong about.
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
    let product = try wrappingErrors {
      let product = try factory(configuration)
      try finish(product, configuration)
      return product
    }
    let unknown = configuration.unusedKeys
    if !unknown.isEmpty {
      Warnings.report(
        "\(object.className) has settings that are not known here and do nothing: "
          + unknown.joined(separator: ", ") + ".")
    }
    return product
  }
}

// MARK: - Initializers, regularizers, constraints

extension ClassRegistry {
  /// Classes that are made with any settings, which a file's then replace.
  package convenience init(
    _ kind: String, module: String? = nil, of classes: [@Sendable () -> Product], aliases: [String: String],
    modernizing modernize: Modernizer? = nil
  ) {
    let factories = classes.reduce(into: [String: Factory]()) { factories, make in
      if let name = (make() as? any Serializable)?.className { factories[name] = { _ in make() } }
    }
    self.init(
      kind, module: module, factories, aliases: aliases, modernizing: modernize,
      finish: { product, configuration in try configuration.fill(product) })
  }

  /// What `json` describes, in any spelling that some Keras has written.
  package func make(_ json: JSON, version: KerasVersion) throws(KerasError) -> Product {
    var object = try SerializedObject(function: json)
    let name = aliases[object.className] ?? object.className
    // A user's own class calls its settings what it likes.
    if namesOfKeras.contains(name), object.registeredName ?? object.className == object.className {
      modernize(object.className, &object.config, name, version)
    }
    return try make(object, version: version)
  }

  /// As Keras writes it: a class of its own in its module, others by the name they are registered under.
  package func json(of object: some Serializable) -> JSON {
    let name = object.className
    let isKnown = namesOfKeras.contains(name)
    return SerializedObject(
      module: isKnown ? module : nil,
      className: name.split(separator: ">").last.map(String.init) ?? name,
      config: object.config, registeredName: isKnown ? nil : name
    ).json
  }
}

extension Configuration {
  /// The object under `key`, of a class of `registry`; nil where there is none.
  private func object<Product>(
    _ key: String, of registry: ClassRegistry<Product>
  ) throws(KerasError) -> Product? {
    guard let json = value(key) else { return nil }
    return try place(key) { () throws(KerasError) in try registry.make(json, version: version) }
  }

  public func initializer(_ key: String) throws(KerasError) -> (any Initializer)? {
    try object(key, of: Initializers.registry)
  }

  /// An initializer; null is the default.
  public func initializer(
    _ key: String, default standard: any Initializer
  ) throws(KerasError) -> any Initializer {
    try initializer(key) ?? standard
  }

  /// A regularizer; nil where there is none.
  public func regularizer(_ key: String) throws(KerasError) -> (any Regularizer)? {
    try object(key, of: Regularizers.registry)
  }

  /// A constraint; nil where there is none.
  public func constraint(_ key: String) throws(KerasError) -> (any Constraint)? {
    try object(key, of: Constraints.registry)
  }

  /// Runs `body` and says in its errors which setting of which class they are about.
  func place<Result>(_ key: String, _ body: () throws(KerasError) -> Result) throws(KerasError) -> Result {
    try within(className) { () throws(KerasError) in try within(key, body) }
  }
}
