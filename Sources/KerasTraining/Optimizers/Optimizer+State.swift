import KerasGraph
import KerasLayers
import Synchronization

// What an optimizer keeps, under which names, and in which order files have it.
extension Optimizer {
  /// The beginning of its slots' names among those of a step.
  final var prefix: String { "optimizer \(UInt(bitPattern: ObjectIdentifier(self)))/" }

  final func prefix(of variable: Variable) -> String {
    "\(prefix)\(UInt(bitPattern: ObjectIdentifier(variable)))/"
  }

  /// Weights it has not seen before stand behind the others.
  final func register(_ variables: [Variable]) {
    state.withLock { state in
      for variable in variables where !state.variables.contains(where: { $0 === variable }) {
        state.variables.append(variable)
      }
    }
  }

  /// The weights it works on, in the order in which it met them.
  public final var variables: [Variable] { state.withLock { $0.variables } }

  /// All slots of a weight, in groups: Keras' own before the rule's.
  final func keptSlots(of variable: Variable) -> [[OptimizerSlot]] {
    (averagesWeights ? [[OptimizerSlot("average")]] : [])
      + (accumulationSteps == nil ? [] : [[OptimizerSlot("gradient_accumulator")]]) + slots(for: variable)
  }

  /// The first values of what is kept once.
  final var ownSlots: [String: Tensor] {
    var slots = ["iteration": Tensor(scalar: 0 as Int64)]
    if case .constant(let rate) = rate { slots["learning_rate"] = Tensor(scalar: Float(rate)) }
    for slot in sharedSlots {
      slots[slot.name] = start(slot, shape: slot.shape ?? [], slot.dataType ?? .float32, weight: nil)
    }
    for (name, tensor) in loaded(prefix) { slots[name] = tensor }
    return slots
  }

  /// The first values of a weight's slots.
  final func initial(_ slots: [OptimizerSlot], of variable: Variable) -> [String: Tensor] {
    let loaded = loaded(prefix(of: variable))
    var found: [String: Tensor] = [:]
    for slot in slots {
      found[slot.name] =
        loaded[slot.name]
        ?? start(
          slot, shape: slot.shape ?? variable.shape, slot.dataType ?? variable.dataType, weight: variable)
    }
    return found
  }

  private func start(
    _ slot: OptimizerSlot, shape: [Int], _ type: DataType, weight: Variable?
  ) -> Tensor {
    switch slot.initial {
    case .constant(0): Tensor(zeros: shape, type)
    case .constant(let number): Tensor(repeating: Float(number), shape: shape).converted(to: type)
    case .weight: weight?.value ?? Tensor(zeros: shape, type)
    }
  }

  private func loaded(_ prefix: String) -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    for (key, tensor) in state.withLock({ $0.loaded }) where key.hasPrefix(prefix) {
      let name = key.dropFirst(prefix.count)
      if !name.contains("/") { found[String(name)] = tensor }
    }
    return found
  }

  /// One of an optimizer's numbers, as files have them.
  package struct Entry {
    /// As Keras calls it: `adam/dense_kernel_momentum`.
    package let name: String
    /// Whose it is: an optimizer's own, or a part's.
    let owner: Optimizer
    /// Among the slots of a step.
    let key: String
    let initial: () -> Tensor
    package let spec: TensorSpec
  }

  /// Everything it keeps for `variables`, in the order in which Keras' files have it.
  package final func entries(for variables: [Variable]) -> [Entry] {
    let own = ownSlots
    func entry(shared slot: String, as name: String) -> Entry? {
      own[slot].map { tensor in
        Entry(name: name, owner: self, key: prefix + slot, initial: { tensor }, spec: tensor.spec)
      }
    }
    var entries = [entry(shared: "iteration", as: "\(name)/iteration")].compactMap { $0 }
    if let rate = entry(shared: "learning_rate", as: "\(name)/learning_rate") { entries.append(rate) }
    let groups = variables.map { keptSlots(of: $0) }
    for group in 0..<(groups.map(\.count).max() ?? 0) {
      for (variable, slots) in zip(variables, groups) where slots.indices.contains(group) {
        let path = variable.path.split(separator: "/").joined(separator: "_")
        for slot in slots[group] {
          entries.append(
            Entry(
              name: "\(name)/\(path)_\(slot.name)", owner: self, key: prefix(of: variable) + slot.name,
              initial: { self.initial([slot], of: variable)[slot.name] ?? Tensor(zeros: variable.shape) },
              spec: TensorSpec(slot.shape ?? variable.shape, slot.dataType ?? variable.dataType)))
        }
      }
    }
    for slot in sharedSlots {
      if let shared = entry(shared: slot.name, as: "\(name)/\(slot.name)") { entries.append(shared) }
    }
    return entries + parts.flatMap { $0.entries(for: share(of: variables, for: $0)) }
  }

  /// Says where its numbers live from now on.
  package final func reside(in states: ResidentStates) {
    state.withLock { state in
      // Loops of one's own go on with the numbers that are there now.
      if state.residence !== states { state.appliers = [] }
      state.residence = states
    }
    for part in parts { part.reside(in: states) }
  }

  /// The current numbers of an entry.
  package final func value(of entry: Entry) throws(KerasError) -> Tensor {
    let residence = state.withLock { $0.residence }
    return try residence?.slot(entry.key) ?? entry.initial()
  }

  /// Replaces the numbers of an entry, now or when the first step begins.
  package final func assign(_ tensor: Tensor, to entry: Entry) throws(KerasError) {
    try require(
      tensor.shape == entry.spec.shape.known, .shapeMismatch,
      "Expected \(entry.spec) for \(entry.name), found \(tensor.spec).")
    try entry.owner.assign(tensor.converted(to: entry.spec.dataType), toKey: entry.key)
  }

  private func assign(_ tensor: Tensor, toKey key: String) throws(KerasError) {
    let residence = state.withLock { $0.residence }
    if let residence, try residence.slot(key) != nil {
      try residence.assign(tensor, toSlot: key)
    } else {
      state.withLock { $0.loaded[key] = tensor }
    }
  }

  /// Whether a file has told it what to go on from.
  final var hasLoadedState: Bool {
    state.withLock { !$0.loaded.isEmpty } || parts.contains { $0.hasLoadedState }
  }

  // MARK: What users ask for

  /// The learning rate as it is now; of a schedule, that of the next step is what ``learningRateSchedule`` says.
  ///
  /// Assigning changes the steps from now on.
  /// nil where a schedule decides.
  public final var learningRate: Double? {
    get {
      guard primary === self else { return primary.learningRate }
      guard case .constant(let initial) = rate else { return nil }
      let residence = state.withLock { $0.residence }
      guard let found = try? residence?.slot(prefix + "learning_rate") else {
        return state.withLock { $0.loaded[prefix + "learning_rate"] }?.scalars(as: Double.self).first
          ?? initial
      }
      return found.scalars(as: Double.self).first
    }
    set {
      guard primary === self else { return primary.learningRate = newValue }
      guard let newValue, case .constant = rate else { return }
      rate = .constant(newValue)
      // A slot that is there takes a number of its own type.
      try? assign(Tensor(scalar: Float(newValue)), toKey: prefix + "learning_rate")
    }
  }

  /// The schedule that decides the learning rate; nil where it is a number.
  public final var learningRateSchedule: LearningRateSchedule? {
    if case .schedule(let schedule) = primary.rate { schedule } else { nil }
  }

  /// How many steps it has done; where gradients are accumulated, how many that changed weights, as Keras counts them.
  public final var iterations: Int {
    guard primary === self else { return primary.iterations }
    let residence = state.withLock { $0.residence }
    let found = (try? residence?.slot(prefix + "iteration")) ?? loaded(prefix)["iteration"]
    return (found?.scalars(as: Double.self).first.map { Int($0) } ?? 0) / max(accumulationSteps ?? 1, 1)
  }

  /// Lets weights be without decay: these, and all whose name one of `names` is found in.
  public final func excludeFromWeightDecay(_ variables: [Variable] = [], names: [String] = []) {
    state.withLock { state in
      for variable in variables where !state.excluded.contains(where: { $0 === variable }) {
        state.excluded.append(variable)
      }
      state.excludedNames += names
    }
  }

  final func isDecayed(_ variable: Variable) -> Bool {
    state.withLock { state in
      !state.excluded.contains { $0 === variable }
        && !state.excludedNames.contains { isFound($0, in: variable.name) }
    }
  }

  /// Whether it, or one that it is made of, keeps moving averages of weights.
  final var keepsAverages: Bool { averagesWeights || parts.contains { $0.keepsAverages } }

  /// Lets weights and their moving averages change places.
  ///
  /// - Parameter weights: those that are trained; before the first step nobody else has named them.
  final func swapWithAverages(_ weights: [Variable]) throws(KerasError) {
    for part in parts { try part.swapWithAverages(share(of: weights, for: part)) }
    for variable in averagesWeights ? weights : [] {
      guard let average = try average(of: variable) else { continue }
      let value = variable.value
      try variable.assign(average)
      try assign(value, toKey: prefix(of: variable) + "average")
    }
  }

  /// A weight's moving average, as steps or a file have left it.
  private func average(of variable: Variable) throws(KerasError) -> Tensor? {
    let key = prefix(of: variable) + "average"
    let (residence, loaded) = state.withLock { ($0.residence, $0.loaded[key]) }
    return try residence?.slot(key) ?? loaded
  }

  /// Replaces weights by their moving averages, as `fit` does when it is over.
  ///
  /// - Parameter weights: those that are trained.
  public final func finalizeWeights(_ weights: [Variable]) throws(KerasError) {
    for part in parts { try part.finalizeWeights(share(of: weights, for: part)) }
    for variable in averagesWeights ? weights : [] {
      if let average = try average(of: variable) { try variable.assign(average) }
    }
  }
}

/// Whether a regular expression is found in a text; one that cannot be read is a plain text.
func isFound(_ pattern: String, in text: String) -> Bool {
  guard let regex = try? Regex(pattern) else { return text.contains(pattern) }
  return text.contains(regex)
}
