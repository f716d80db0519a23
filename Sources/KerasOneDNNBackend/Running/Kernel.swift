import KerasGraph

/// Work that a run does in one go: a primitive of oneDNN or a function of ours.
struct Kernel: Sendable {
  /// What it is and does, for people; its layer is what errors and plans name.
  let step: ProgramStep
  let work: Work

  var node: String { step.layer }
  var summary: String { step.kernel }

  enum Work: Sendable {
    case primitive(Primitive, [Operand])
    /// Parts that one thread computes each.
    case sideBySide([Portion])
    /// Gets the addresses of the places, in order.
    case function([Place], Function)
  }

  var places: [Place] {
    switch work {
    case .primitive(_, let operands): operands.map(\.place)
    case .sideBySide(let portions): portions.flatMap(\.operands).map(\.place)
    case .function(let places, _): places
    }
  }

  typealias Function =
    @Sendable (_ operands: UnsafePointer<UnsafeMutableRawPointer>) throws(KerasError) -> Void

  /// A primitive for a part of the work, made for one thread.
  struct Portion: Sendable {
    let primitive: Primitive
    let operands: [Operand]
  }

  /// An operand of a primitive.
  struct Operand: Sendable {
    let role: Int32
    let descriptor: MemoryDescriptor
    let place: Place
    /// Bytes from the place to where it begins.
    var offset = 0
  }
}

/// Where a tensor is found in a run.
enum Place: Sendable {
  /// Bytes from the arena's start.
  case arena(Int)
  /// Bytes from the start of the memory that belongs to one kernel after the other.
  case scratch(Int)
  /// The caller's tensor number i.
  case input(Int)
  /// Where the caller wants the new value of state number i.
  case update(Int)
  case constant(ConstantMemory)
}
