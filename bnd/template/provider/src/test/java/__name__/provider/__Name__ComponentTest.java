package __name__.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class __Name__ComponentTest {
    @Test
    void answers_what_it_was_asked() {
        assertEquals("__name__ heard: why?", new __Name__Component().answer("why?"));
    }
}
