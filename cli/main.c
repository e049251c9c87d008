#include <stdio.h>
#include "heihachi/heihachi.h"

int main(void)
{
    printf("heihachi %s (%s)\n", hh_version(), hh_context_cpu(NULL));
    return 0;
}
